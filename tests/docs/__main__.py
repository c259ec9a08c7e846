"""Writes the pages of reference: `make reference`."""

from __future__ import annotations

from tests.docs.reference import write_pages

write_pages()
