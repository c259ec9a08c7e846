"""Measuring on labelled texts that live outside the project."""
