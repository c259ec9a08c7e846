"""Who may do what in the web app and the API."""
