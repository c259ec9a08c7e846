"""The security tables, held against what there is."""
