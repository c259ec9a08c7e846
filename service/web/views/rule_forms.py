"""A rule of words as a form, and a text tried in force and in the draft."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from markupsafe import Markup

from mappings.documents.mapping_set import MappingSet, Meaning, WordRule
from mappings.taxonomy import Category
from service.errors import UsageFault
from service.mapping_sets.tester import Place, try_text
from service.web.highlight import Mark, marked


def rule_of_form(form: Mapping[str, str], category: Category, sub_reason: str | None) -> WordRule:
    """The rule that was typed; one phrase a line. Raises UsageFault where it could never apply."""
    words = {name: _lines(form.get(name, "")) for name in ("any", "all", "regex")}
    if not any(words.values()):
        raise UsageFault("The rule has no words.", remedy="Write at least one phrase under “any of these”.")
    name = form.get("id", "").strip() or _named(next(lines[0] for lines in words.values() if lines))
    return WordRule(
        id=name,
        meaning=Meaning(category=category, sub_reason=sub_reason),
        any=words["any"],
        all=words["all"],
        regex=words["regex"],
        fields=tuple(_lines(form.get("fields", ""))),
        connection=form.get("connection") or None,
    )


def rule_typed(rule: WordRule) -> dict[str, str]:
    """A rule as its form shows it."""
    meaning = rule.meaning
    return {
        "id": rule.id,
        "any": "\n".join(rule.any),
        "all": "\n".join(rule.all),
        "regex": "\n".join(rule.regex),
        "fields": "\n".join(rule.fields),
        "connection": rule.connection or "",
        "meaning": f"{meaning.category}.{meaning.sub_reason}" if meaning.sub_reason else str(meaning.category),
    }


def try_both(
    in_force: MappingSet,
    drafted: MappingSet | None,
    text: str,
    *,
    today: date,
    place: str,
    connection: str | None,
) -> dict[str, Any]:
    """The reading in force and the draft's, each with the words that decided marked."""
    where = Place(place) if place in set(Place) else Place.REASON
    sets = {"in force": in_force, **({"in the draft": drafted} if drafted is not None else {})}
    readings = {
        name: try_text(one, text, today=today, place=where, connection=connection) for name, one in sets.items()
    }
    return {
        "readings": [(name, found, _highlighted(text, found)) for name, found in readings.items()],
        "same": len(readings) == 2 and len({str(_gist(one)) for one in readings.values()}) == 1,
    }


def _highlighted(text: str, found: Mapping[str, Any]) -> Markup:
    spans: Iterable[Mapping[str, Any]] = found["evidence"]
    why = [Mark(one["start"], one["end"], "why", one["rule"]) for one in spans if _stands(one, text)]
    return marked(text, why)


def _stands(one: Mapping[str, Any], text: str) -> bool:
    return bool(text[one["start"] : one["end"]] == one["text"])


def _gist(found: Mapping[str, Any]) -> tuple[Any, ...]:
    return found["category"], found["sub_reason"], found["needs_review"], found["finality"]


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _named(words: str) -> str:
    """A name made of a rule's first words, in the letters that names may have."""
    return re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")[:40] or "rule"
