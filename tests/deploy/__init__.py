"""What `deploy/` says, held against the code, and run as far as it runs without a cluster."""
