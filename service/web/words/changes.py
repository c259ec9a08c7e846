"""A preview in the words of its page: what moves by count, and how far it is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from service.bootstrap import App
from service.mapping_sets.listing import Preview, load_preview
from service.store.models import PreviewState

STEPS = {"appears": "new", "returns": "back again", "moves": "move", "reworded": "say another why", "ends": "end"}
TASKS = {
    "created": "created",
    "moved": "moved to another day",
    "closed": "closed",
    "reopened": "opened again",
    "reworded": "with another text",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a preview counts. `moves` are (from, to, deals) by category, the most first."""

    preview: Preview
    moves: list[tuple[str, str, int]]
    steps: list[tuple[str, int]]
    tasks: list[tuple[str, int]]

    @property
    def is_under_way(self) -> bool:
        """Whether its list or its publication goes on."""
        is_building = self.preview.state == PreviewState.BUILDING and not self.preview.stale
        return is_building or self.preview.state == PreviewState.PUBLISHING

    @property
    def is_ready(self) -> bool:
        """Whether it can be published."""
        return self.preview.state == PreviewState.READY and not self.preview.stale

    @property
    def changed(self) -> int:
        """Deals on the list."""
        return self.preview.totals.get("changed", 0)

    @property
    def stated(self) -> int:
        """Deals whose stated category or sub-reason moves: known at once."""
        return int(self.preview.counts.get("deals", 0))

    @property
    def category(self) -> int:
        """Deals that go to another category, as far as the list is."""
        return self.preview.totals.get("category", 0)

    @property
    def crossing(self) -> list[tuple[str, int]]:
        """Deals that come into scope, and those that leave it."""
        counted = (("come into scope", "entering"), ("leave the scope", "leaving"))
        return [(says, self.preview.totals[name]) for says, name in counted if self.preview.totals.get(name)]

    @property
    def review(self) -> int:
        """Deals that come to be reviewed, or need it no more."""
        return self.preview.totals.get("review", 0)


def told_of(app: App, preview_id: int) -> Told:
    """A preview as it is told. Raises NothingSuch."""
    preview = load_preview(app, preview_id)
    totals = preview.totals
    return Told(
        preview=preview,
        moves=_moves(preview),
        steps=[(says, totals[f"steps {what}"]) for what, says in STEPS.items() if totals.get(f"steps {what}")],
        tasks=[(says, totals[f"tasks {what}"]) for what, says in TASKS.items() if totals.get(f"tasks {what}")],
    )


def _moves(preview: Preview) -> list[tuple[str, str, int]]:
    """From the list where it is complete; before that, from the counts by stated category."""
    found: Counter[tuple[str, str]] = Counter()
    if preview.state == PreviewState.BUILDING:
        for one in preview.counts.get("moves", ()):
            if one["before"]["category"] != one["after"]["category"]:
                found[one["before"]["category"], one["after"]["category"]] += one["count"]
    for name, count in preview.totals.items() if not found else ():
        before, _, after = name.removeprefix("from ").partition(" to ")
        if name.startswith("from ") and after:
            found[before, after] += count
    return [(before, after, count) for (before, after), count in found.most_common()]
