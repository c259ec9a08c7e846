"""One table a language: shapes (with values) and cues, a row a meaning. A word ending in `*` is a stem."""
