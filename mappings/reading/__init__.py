"""Words -> concepts: what a text says, in eight languages, before any mapping set says what it means."""

from mappings.reading.text_reader import EXTRACTOR_VERSION, TextReading, read_text

__all__ = ["EXTRACTOR_VERSION", "TextReading", "read_text"]
