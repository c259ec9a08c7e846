"""Symbols -> time expressions: "the last Friday of May", "in six months". Knows no language."""
