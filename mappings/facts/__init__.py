"""Dates in words -> Fact: a grammar over word tables in eight languages, then arithmetic from the day it was said.

`read_dates` reads a text once, whatever the day; `resolve` makes facts of a reading for one day and account;
`extract_facts` does both for every text of a deal and adds the CRM's own date fields.
"""

from mappings.facts.extract import extract_facts
from mappings.facts.mention import DateMention, When, dump_mentions, load_mentions
from mappings.facts.reading import EXTRACTOR_VERSION, read_dates
from mappings.facts.resolve import read_fiscal_turn, resolve

__all__ = [
    "EXTRACTOR_VERSION",
    "DateMention",
    "When",
    "dump_mentions",
    "extract_facts",
    "load_mentions",
    "read_dates",
    "read_fiscal_turn",
    "resolve",
]
