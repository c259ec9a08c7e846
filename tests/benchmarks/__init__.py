"""What product.md sets as speed and size to reach, measured: our figure, the peer's in the same run, and the ratio."""
