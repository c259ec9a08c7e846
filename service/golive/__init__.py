"""Letting a connection write, stopping it, and taking back what it wrote."""
