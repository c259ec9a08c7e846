"""The web app and everything else that Flask serves."""
