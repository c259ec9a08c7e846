"""What the shipped policy says beside its numbers: what each is for, and how sure its source is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType

GRADES = MappingProxyType(
    {
        "A": "a primary source or authority",
        "B": "a vendor's help or issue thread",
        "C": "an article: a claim",
        "O": "our own choice, made to be edited",
    }
)
"""What the letters stand for; the sources themselves are in SOURCES.md."""

_SETTING = re.compile(r'^(?:# )?("?)([A-Za-z_.]+)\1 = ([^#]*?)\s*#\s*([ABCO])\b\s*(.*)$')
_TABLE = re.compile(r"^\[+([a-z_.]+)\]+")


@dataclass(frozen=True, slots=True)
class SettingNote:
    """A setting's shipped value as it is written, the grade of its source, and what it is for."""

    shipped: str
    grade: str
    says: str


@cache
def setting_notes() -> Mapping[str, SettingNote]:
    """By path, such as `timing.notice_days` or `timing.intervals.budget.over_budget`."""
    text = resources.files("mappings.data").joinpath("policy.toml").read_text("utf-8")
    notes, table = {}, ""
    for line in text.splitlines():
        if header := _TABLE.match(line):
            table = header[1]
        elif found := _SETTING.match(line):
            shipped = "" if line.startswith("#") else found[3]
            notes[f"{table}.{found[2]}"] = SettingNote(shipped, found[4], re.sub(r"^left out: ", "", found[5]))
    return MappingProxyType(notes)
