"""Charts as SVG made on the server: nothing to load, nothing for a script to do, readable by a screen reader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from markupsafe import Markup, escape

from mappings.model import Step

WIDTH, HEIGHT = 720, 180
AXIS = 24
MOST_LABELS, MOST_NUMBERS = 9, 30
GAP = 0.28  # of a bar's share of the width


def stacked_weeks(weeks: Sequence[tuple[str, Mapping[str, int]]], order: Sequence[str], *, title: str) -> Markup:
    """A bar a week, a band a category. `weeks` are (label, {category: deals}), oldest first."""
    highest = max((sum(counts.values()) for _, counts in weeks), default=0) or 1
    step = WIDTH / max(len(weeks), 1)
    bar = step * (1 - GAP)
    room = HEIGHT - AXIS
    every = -(-len(weeks) // MOST_LABELS)
    named = {name: escape(name.replace("_", " ")) for name in order}
    parts: list[str] = []
    for place, (label, counts) in enumerate(weeks):
        shown = escape(label)
        left = place * step + step * GAP / 2
        top = float(room)
        total = sum(counts.values())
        for name in order:
            if count := counts.get(name, 0):
                height = count / highest * (room - 14)
                top -= height
                # Some fifteen hundred of these in three years: the label alone is anybody's words, and escaped above.
                parts.append(
                    f'<rect class="c-{name}" x="{left:.1f}" y="{top:.1f}" width="{bar:.1f}" height="{height:.1f}">'
                    f"<title>{shown}: {count} {named[name]}</title></rect>"
                )
        middle = left + bar / 2
        if len(weeks) <= MOST_NUMBERS:
            parts.append(Markup('<text class="n" x="{:.1f}" y="{:.1f}">{}</text>').format(middle, top - 4, total or ""))
        if place % every == 0:
            parts.append(Markup('<text class="t" x="{:.1f}" y="{}">{}</text>').format(middle, HEIGHT - 6, label))
    return Markup(
        '<svg class="chart weeks" viewBox="0 0 {} {}" role="img" aria-label="{}"><title>{}</title>{}</svg>'
    ).format(WIDTH, HEIGHT, title, title, Markup("".join(parts)))  # noqa: S704 -- made above, words escaped


def bar(share: float, name: str) -> Markup:
    """One horizontal bar of `share` (0..1) of its cell."""
    width = max(0.0, min(1.0, share)) * 100
    return Markup(
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="track" width="100" height="8"/><rect class="c-{}" width="{:.2f}" height="8"/></svg>'
    ).format(name, width)


def timeline(lost_on: date, today: date, steps: Sequence[Step]) -> Markup:
    """The loss, today, the steps and what they aim at, on one line of time. The list beside it says the same."""
    days = [lost_on, today, *(one.due_on for one in steps), *(day for one in steps if (day := one.about_on))]
    first, last = min(days), max(days)
    span = max((last - first).days, 1)

    def left(day: date) -> float:
        return 20 + (day - first).days / span * (WIDTH - 40)

    parts = [Markup('<line class="axis" x1="0" x2="{}" y1="40" y2="40"/>').format(WIDTH)]
    parts += [_month(left(day), day) for day in _months(first, last)]
    aims = {(one.about_on, one.anchor) for one in steps if one.about_on}
    parts += [_spot("aim", left(day), 5, f"{anchor.replace('_', ' ')} {day}") for day, anchor in sorted(aims)]
    parts += [_spot("lost", left(lost_on), 6, f"lost {lost_on}"), _spot("now", left(today), 5, f"today {today}")]
    parts += [_spot("step", left(one.due_on), 8, f"{one.due_on}: {one.why}") for one in steps]
    return Markup('<svg class="chart timeline" viewBox="0 0 {} 74" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, f"From the loss on {lost_on} to {last}, with {len(steps)} follow-ups", Markup().join(parts)
    )


def _spot(name: str, x: float, radius: int, says: str) -> Markup:
    return Markup('<circle class="{}" cx="{:.1f}" cy="40" r="{}"><title>{}</title></circle>').format(
        name, x, radius, says
    )


def _month(x: float, day: date) -> Markup:
    return Markup(
        '<line class="tick" x1="{0:.1f}" x2="{0:.1f}" y1="36" y2="44"/><text x="{0:.1f}" y="64">{1}</text>'
    ).format(x, f"{day:%b %y}")


def _months(first: date, last: date) -> Iterator[date]:
    """The firsts of months between two days, so many that their names have room."""
    months = (last.year - first.year) * 12 + last.month - first.month
    every = max(1, -(-months // 14))
    for number in range(first.month, first.month + months, every):
        yield date(first.year + number // 12, number % 12 + 1, 1)
