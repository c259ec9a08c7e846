"""One table a language: shapes (with values) and cues, a row a meaning. A word ending in `*` is a stem.

What words tell of time. What else they mean is in `mappings/data/words/*.toml`.
"""
