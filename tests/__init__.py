"""What a user would notice, proved."""
