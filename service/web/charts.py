"""Charts as SVG made on the server: nothing to load, nothing for a script to do, readable by a screen reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

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
    parts: list[Markup] = []
    for place, (label, counts) in enumerate(weeks):
        left = place * step + step * GAP / 2
        top = float(room)
        total = sum(counts.values())
        for name in order:
            if count := counts.get(name, 0):
                height = count / highest * (room - 14)
                top -= height
                parts.append(
                    Markup(
                        '<rect class="c-{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}">'
                        "<title>{}: {} {}</title></rect>"
                    ).format(name, left, top, bar, height, label, count, name.replace("_", " "))
                )
        middle = left + bar / 2
        if len(weeks) <= MOST_NUMBERS:
            parts.append(Markup('<text class="n" x="{:.1f}" y="{:.1f}">{}</text>').format(middle, top - 4, total or ""))
        if place % every == 0:
            parts.append(Markup('<text class="t" x="{:.1f}" y="{}">{}</text>').format(middle, HEIGHT - 6, label))
    return _svg(parts, title, WIDTH, HEIGHT, "weeks")


def bar(share: float, name: str) -> Markup:
    """One horizontal bar of `share` (0..1) of its cell."""
    width = max(0.0, min(1.0, share)) * 100
    return Markup(
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="track" width="100" height="8"/><rect class="c-{}" width="{:.2f}" height="8"/></svg>'
    ).format(name, width)


def _svg(parts: Sequence[Markup], title: str, width: int, height: int, kind: str) -> Markup:
    return Markup(
        '<svg class="chart {}" viewBox="0 0 {} {}" role="img" aria-label="{}"><title>{}</title>{}</svg>'
    ).format(kind, width, height, title, title, Markup().join(escape(part) for part in parts))
