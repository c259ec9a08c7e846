"""Keeping, moving and leaving: backups, one person's data, what is forgotten with time, and new keys."""
