"""Which step may stand in the CRM: the next one of each episode, and the earliest of each account. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from service.store.models import ReminderState as S

LASTING = frozenset({S.HELD, S.SCHEDULED, S.DUE, S.SNOOZED, S.FAILED})
WAITS = frozenset({S.HELD, S.FAILED})


Rank = tuple[Decimal, str, date]
NO_RANK: Rank = (Decimal(0), "", date.min)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A lasting reminder. `has_task`: its task stands, or is being written. `is_persons`: a person shaped the task.

    `rank` decides between follow-ups of one day: by what is at stake, never by the order in which deals were read.
    """

    id: int
    episode_id: int
    position: int
    due_on: date
    state: str
    has_task: bool = False
    is_persons: bool = False
    rank: Rank | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What one account shall have. `write` is to get its task, `keep` has it, `close` give way to an earlier one.

    `waiting` are the other episodes' next steps; `look_on` is when to look again, where time alone decides.
    """

    write: int | None = None
    keep: int | None = None
    close: tuple[int, ...] = ()
    waiting: tuple[int, ...] = ()
    look_on: date | None = None


def next_step(episode: Iterable[Candidate], *, today: date) -> Candidate | None:
    """The step of an episode whose turn it is. A dead letter or a backlog step gives way once the next one is due."""
    steps = sorted(episode, key=lambda one: (one.position, one.id))
    while len(steps) > 1 and steps[0].state in WAITS and steps[1].due_on <= today:
        steps.pop(0)
    return steps[0] if steps else None


def choose(
    nexts: Sequence[Candidate],
    standing: Sequence[Candidate],
    *,
    today: date,
    ahead: int | None,
    begun: Callable[[Candidate], date] | None = None,
) -> Choice:
    """Who of the next steps of one account gets the one task. `standing` are all its steps that have a task.

    `begun` is the last day whose morning has come where a step's rep lives, if that is not simply `today`.

    A task that a person shaped, or whose day has come, is not taken away again; of two steps on one day the one that
    has its task keeps it.
    """
    ready = sorted(
        (one for one in nexts if one.state not in WAITS),
        key=lambda one: (one.due_on, not one.has_task, one.rank or NO_RANK, one.id),
    )
    kept = [one for one in standing if one.is_persons or one.due_on <= today]
    first = ready[0] if ready else None
    if kept:
        # Deals that moved here, or accounts that became one, brought tasks along.
        surplus = tuple(one.id for one in standing if one not in kept)
        return Choice(keep=kept[0].id, close=surplus, waiting=_others(ready, kept[0]))
    if first is None:
        return Choice(close=tuple(one.id for one in standing))
    losers = tuple(one.id for one in standing if one.id != first.id)
    if first.has_task:
        return Choice(keep=first.id, close=losers, waiting=_others(ready, first))
    write_on = first.due_on - timedelta(days=ahead) if ahead is not None else None
    if write_on is not None and write_on > (begun(first) if begun else today):
        return Choice(look_on=write_on, close=(), waiting=_others(ready, first))
    return Choice(write=first.id, close=losers, waiting=_others(ready, first))


def _others(ready: Sequence[Candidate], chosen: Candidate) -> tuple[int, ...]:
    return tuple(one.id for one in ready if one.episode_id != chosen.episode_id)
