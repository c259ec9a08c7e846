"""The REST API, /api/v1: what the web app does, for programs."""
