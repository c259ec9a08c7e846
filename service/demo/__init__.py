"""The whole line against a local sandbox CRM, for a newcomer to watch."""
