"""The rejection audit and the ledger: what was lost, and that nothing is missing."""
