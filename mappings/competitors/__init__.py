"""The competitor's name in what people wrote."""

from mappings.competitors.named import KnownNames, Named, competitor_of, known_names, named_competitor, names_in

__all__ = ["KnownNames", "Named", "competitor_of", "known_names", "named_competitor", "names_in"]
