"""The words of a message: pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from service.messages.digests import ESCALATION
from service.reminders.words import day_in_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A reminder in a message. `links` are (what it does, address)."""

    account: str
    deal: str
    owner: str
    due_on: date
    why: str
    deal_url: str
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message with everything it says. `more`: so many are left out."""

    kind: str
    reader: str
    day: date
    items: tuple[Item, ...]
    more: int = 0

    @property
    def subject(self) -> str:
        """In one line."""
        count = len(self.items) + self.more
        things = "follow-up" if count == 1 else "follow-ups"
        if self.kind == ESCALATION:
            return f"{count} {things} of your team left lying"
        return f"{count} {things} for {day_in_words(self.day)}"


def groups(letter: Letter) -> Iterable[tuple[str, Sequence[Item]]]:
    """The items under their headings: today's, then what is overdue; for a manager by rep."""
    if letter.kind == ESCALATION:
        for owner in sorted({one.owner for one in letter.items}):
            yield owner, [one for one in letter.items if one.owner == owner]
        return
    today = [one for one in letter.items if one.due_on >= letter.day]
    overdue = [one for one in letter.items if one.due_on < letter.day]
    yield from ((title, items) for title, items in (("Today", today), ("Overdue", overdue)) if items)


def as_text(letter: Letter) -> str:
    """The message as plain text."""
    lines = [f"Good morning {letter.reader}," if letter.reader else "Good morning,", ""]
    for title, items in groups(letter):
        lines += [title, "-" * len(title), ""]
        for item in items:
            lines += [f"{item.account}: {item.deal} (due {day_in_words(item.due_on)})", f"  {item.why}"]
            lines += [f"  The deal: {item.deal_url}"] if item.deal_url else []
            lines += [f"  {words}: {address}" for words, address in item.links]
            lines.append("")
    return "\n".join([*lines, *_ending(letter)])


def as_slack(letter: Letter) -> str:
    """The message in Slack's markup."""
    lines = [f"*{_escaped(letter.subject)}*" + (f" ({_escaped(letter.reader)})" if letter.reader else "")]
    for title, items in groups(letter):
        lines += ["", f"*{_escaped(title)}*"]
        for item in items:
            name = _escaped(f"{item.account}: {item.deal}")
            shown = f"<{item.deal_url}|{name}>" if item.deal_url else name
            lines.append(f"• {shown}, due {day_in_words(item.due_on)}. {_escaped(item.why)}")
            links = " · ".join(f"<{address}|{words}>" for words, address in item.links)
            lines += [f"    {links}"] if links else []
    return "\n".join([*lines, *_ending(letter)])


def _ending(letter: Letter) -> list[str]:
    return [f"And {letter.more} more; they stand as tasks in the CRM."] if letter.more else []


def _escaped(text: str) -> str:
    return " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
