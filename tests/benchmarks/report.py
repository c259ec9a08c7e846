"""Printing figures beside their peers'. Nothing here judges: a figure is read, not passed or failed."""

from __future__ import annotations

import sys


def heading(text: str) -> None:
    """A line above a group of figures."""
    _print(f"\n{text}")


def figure(
    name: str,
    rate: float,
    unit: str,
    *,
    peak_mb: int | None = None,
    cpu_rate: float | None = None,
    against: float | None = None,
) -> None:
    """A rate by the clock; `cpu_rate` is that by seconds of processor, which tells more on a busy machine.

    `against` is the rate that the ratio is taken to.
    """
    memory = f"{peak_mb:>6} MB" if peak_mb is not None else " " * 9
    ratio = f"   {rate / against:.2f}x" if against else ""
    by_cpu = f"{cpu_rate:>10,.0f} a CPU second" if cpu_rate else ""
    _print(f"  {name:<58}{rate:>10,.0f} {unit}{memory}{by_cpu}{ratio}")


def calls(made: int, formula: int) -> None:
    """Calls made, against the formula."""
    _print(f"  {'calls made / formula':<58}{made:>10,} / {formula:,}   {made / formula - 1:+.1%}")


def note(text: str) -> None:
    """A remark under a figure."""
    _print(f"  {text}")


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
