"""Keys, tokens and what protects them."""
