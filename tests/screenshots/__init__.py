"""Screenshots of every page, light and dark, wide and narrow."""
