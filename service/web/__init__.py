"""The web service: the application, what every answer carries, and what it says of its health."""
