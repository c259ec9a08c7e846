"""Pages of HubSpot's list on the way to a page of ours, and as parts that outlive the process. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import orjson

from connectors.hubspot.answers import Json

# A page of ours covers this many of the list's: companies and contacts are read a hundred a call, and where most deals
# of the list are lost, nine calls of ten are full then. More would hold more deals in memory for little.
LISTS_A_PAGE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What pages of the list have given: lost deals, what was merged away with its survivor, and how far they went.

    `after` is the list's own cursor, "" at its start and at its end.
    """

    after: str
    rows: list[Json] = field(default_factory=list)
    absorbed: list[tuple[str, str]] = field(default_factory=list)
    pages: int = 0

    @classmethod
    def of(cls, after: str, parts: Sequence[bytes]) -> Listed:
        """As the parts tell that go on from there one after another; others are of no use."""
        read = cls(after=after)
        for part in parts:
            read = read._with_part(part)
        return read

    @property
    def is_enough(self) -> bool:
        """Whether they make a page of ours, or the list is over."""
        if not self.pages:
            return False
        return not self.after or self.pages >= LISTS_A_PAGE

    def with_page(self, rows: Sequence[Json], absorbed: Sequence[tuple[str, str]], after: str) -> tuple[Listed, bytes]:
        """With one page more, and that page as a part."""
        part = orjson.dumps([self.after, list(rows), list(absorbed), after])
        return self._more(rows, absorbed, after), part

    def _with_part(self, part: bytes) -> Listed:
        try:
            begun_at, rows, absorbed, after = orjson.loads(part)
        except ValueError:  # of another version's making
            return self
        if self.is_enough or begun_at != self.after:
            return self
        return self._more(rows, [(old, survivor) for old, survivor in absorbed], after)

    def _more(self, rows: Sequence[Json], absorbed: Sequence[tuple[str, str]], after: str) -> Listed:
        return replace(
            self,
            after=after,
            rows=[*self.rows, *rows],
            absorbed=[*self.absorbed, *absorbed],
            pages=self.pages + 1,
        )
