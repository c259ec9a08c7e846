"""What the two `test` commands print: what comes of a text, then what the draft would make of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from service.cli.output import print_json, say

Found = Mapping[str, Any]


def tell_found(found: Found, draft: Found | None, show: Callable[[Found], None], *, as_json: bool) -> None:
    """`found` as `show` prints it, then the answer of the draft where it is another one; None where none is open."""
    if as_json:
        print_json({**found, "draft": draft})
        return
    show(found)
    if draft is None:
        return
    if draft == found:
        say("The draft says the same.")
        return
    say("")
    say("The draft says:")
    show(draft)


def spelt(verdict: Found) -> str:
    """The category, with its sub-reason where there is one."""
    return f"{verdict['category']}.{verdict['sub_reason']}" if verdict["sub_reason"] else str(verdict["category"])
