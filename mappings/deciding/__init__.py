"""Concepts -> a verdict: labels, rules and concepts become votes, votes a category, names the competitor."""
