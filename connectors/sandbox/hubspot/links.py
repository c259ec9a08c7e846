"""Associations: which records belong together, and by which type ids.

Type ids: the AssociationType enum of HubSpot's own client library; each pair stands once for either direction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

HUBSPOT_DEFINED = "HUBSPOT_DEFINED"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkType:
    """A type of association from one object type to another, and the id of its opposite direction."""

    id: int
    from_type: str
    to_type: str
    opposite: int
    is_primary: bool = False
    implied: int | None = None  # a primary association is an unlabeled one as well

    def as_json(self) -> dict[str, Any]:
        """As the v4 API shows it."""
        return {"category": HUBSPOT_DEFINED, "typeId": self.id, "label": "Primary" if self.is_primary else None}


def _pair(near: str, far: str, there: int, back: int, primary: tuple[int, int] | None = None) -> list[LinkType]:
    made = [
        LinkType(id=there, from_type=near, to_type=far, opposite=back),
        LinkType(id=back, from_type=far, to_type=near, opposite=there),
    ]
    if primary:
        out, home = primary
        made += [
            LinkType(id=out, from_type=near, to_type=far, opposite=home, is_primary=True, implied=there),
            LinkType(id=home, from_type=far, to_type=near, opposite=out, is_primary=True, implied=back),
        ]
    return made


LINK_TYPES = {
    link.id: link
    for link in (
        *_pair("tasks", "deals", 216, 215),
        *_pair("tasks", "contacts", 204, 203),
        *_pair("tasks", "companies", 192, 191),
        *_pair("deals", "contacts", 3, 4),
        *_pair("deals", "companies", 341, 342, primary=(5, 6)),
        *_pair("contacts", "companies", 279, 280, primary=(1, 2)),
    )
}
DEFAULT_LINKS = {(link.from_type, link.to_type): link.id for link in LINK_TYPES.values() if not link.is_primary}

_SINGULAR = {"contacts": "contact", "companies": "company", "deals": "deal", "tasks": "task"}


def listed_name(link: LinkType) -> str:
    """The `type` word inside a list or a read; where a primary type exists the plain one is "unlabeled"."""
    name = f"{_SINGULAR[link.from_type]}_to_{_SINGULAR[link.to_type]}"
    has_primary = not link.is_primary and any(other.implied == link.id for other in LINK_TYPES.values())
    return f"{name}_unlabeled" if has_primary else name


LISTED_NAMES = {link.id: listed_name(link) for link in LINK_TYPES.values()}


class Links:
    """All associations of a portal, kept in both directions."""

    def __init__(self) -> None:
        self._edges: dict[tuple[str, str], dict[int, dict[int, tuple[int, ...]]]] = {}
        self.revision = 0

    def of(self, from_type: str, record_id: int, to_type: str) -> dict[int, tuple[int, ...]]:
        """Associated ids with their type ids, primary first."""
        return self._edges.get((from_type, to_type), {}).get(record_id, {})

    def connect(self, type_id: int, from_id: int, to_id: int) -> bool:
        """Associate two records; False where they were already. A new primary takes the place of the old one."""
        link = LINK_TYPES[type_id]
        if type_id in self.of(link.from_type, from_id, link.to_type).get(to_id, ()):
            return False
        self.revision += 1
        if link.is_primary:
            self._demote(link, from_id)
        if link.implied is not None:
            self._put(LINK_TYPES[link.implied], from_id, to_id)
        self._put(link, from_id, to_id)
        return True

    def disconnect(self, from_type: str, from_id: int, to_type: str, to_id: int) -> bool:
        """Remove every label between two records; False where there was none."""
        self.revision += 1
        there = self._edges.get((from_type, to_type), {}).get(from_id, {}).pop(to_id, None)
        self._edges.get((to_type, from_type), {}).get(to_id, {}).pop(from_id, None)
        return there is not None

    def neighbours(self, from_type: str, record_id: int) -> list[tuple[str, int]]:
        """Everything a record is associated with."""
        return [
            (to_type, other)
            for (near, to_type), edges in self._edges.items()
            if near == from_type
            for other in edges.get(record_id, {})
        ]

    def move(self, kind: str, from_id: int, to_id: int) -> None:
        """Give one record's associations to another of its type, as unlabeled ones."""
        for other_type, other_id in self.neighbours(kind, from_id):
            self.disconnect(kind, from_id, other_type, other_id)
            self.connect(DEFAULT_LINKS[kind, other_type], to_id, other_id)

    def _put(self, link: LinkType, from_id: int, to_id: int) -> None:
        back = LINK_TYPES[link.opposite]
        for one, near, far in ((link, from_id, to_id), (back, to_id, from_id)):
            others = self._edges.setdefault((one.from_type, one.to_type), {}).setdefault(near, {})
            known = others.get(far)
            others[far] = tuple(sorted({*known, one.id}, key=_primary_first)) if known else (one.id,)

    def _demote(self, link: LinkType, from_id: int) -> None:
        # Only the side that has one company has a primary: of a company's deals many may call it theirs.
        if link.to_type != "companies":
            return
        for other, types in self.of(link.from_type, from_id, link.to_type).items():
            if link.id in types:
                self._take(link, from_id, other)

    def _take(self, link: LinkType, from_id: int, to_id: int) -> None:
        back = LINK_TYPES[link.opposite]
        for one, near, far in ((link, from_id, to_id), (back, to_id, from_id)):
            others = self._edges[one.from_type, one.to_type][near]
            others[far] = tuple(type_id for type_id in others[far] if type_id != one.id)


def _primary_first(type_id: int) -> tuple[bool, int]:
    return not LINK_TYPES[type_id].is_primary, type_id
