"""What a connection may ask of its CRM, shared by all who use the connection: threads, processes, machines.

The arithmetic is pure and works on a `Window`, which is kept where `Windows` says: in the database of the service, or
in memory for one process alone. A `Budget` takes places in small slices, so that what is shared is touched a few times
a second and not once a call. `now` is seconds since 1970; nothing here sleeps or reads a clock.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar

from connectors.limits import RateLimit

T = TypeVar("T")

# A slice is a fortieth of the window's places, and good for as much of its time: what is taken and not used weighs
# little. A busy machine wakes late, so that a place is good for a tenth of a second at least.
_SLICES_A_WINDOW = 40
_LEAST_GOOD_S = 0.1
# Requests sent a window apart can arrive closer together: this much longer each counts.
_LEAST_SLACK_S = 0.15
_SLACK = 0.03
# Whether others have closed a limit is looked up this often where no place is needed.
_LOOK_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Places that were given out together: to be used from `start` until `until`."""

    start: float
    until: float
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """How many calls at once one holder has room for, until when."""

    count: int
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One limit as it stands: the limit where answers told it, the places given out, and until when it is closed."""

    requests: int = 0
    window_s: float = 0.0
    taken: tuple[Taken, ...] = ()
    closed_until: float = 0.0
    closed_why: str = ""
    held: dict[str, Held] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What an answer said of a limit at a moment: its size, and what is left of it."""

    at: float
    requests: int
    remaining: int | None = None
    window_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Leave to send one request at `start`, and no later than `until`. `closed_why` says that there is none before."""

    start: float
    until: float = float("inf")
    closed_why: str | None = None


class Windows(Protocol):
    """Where windows are kept. `change` is atomic for all who share them."""

    def change(self, name: str, change: Callable[[Window], tuple[Window, T]], /) -> T:
        """Put the named window (an empty one where there is none) through `change`, keep it, and give what it gave."""
        ...

    def load(self, name: str, /) -> Window:
        """The named window as it is."""
        ...


class OwnWindows:
    """Windows of one process alone."""

    def __init__(self) -> None:
        self._windows: dict[str, Window] = {}

    def change(self, name: str, change: Callable[[Window], tuple[Window, T]], /) -> T:
        """See Windows.change."""
        self._windows[name], given = change(self.load(name))
        return given

    def load(self, name: str, /) -> Window:
        """See Windows.load."""
        return self._windows.get(name) or Window()


class Budget:
    """The shared limits as one process sees them; any number of threads may ask at once.

    `is_gone` says of another holder whether it surely ended: what room it held is free.
    """

    def __init__(
        self,
        windows: Windows | None = None,
        *,
        holder: str = "",
        is_gone: Callable[[str], bool] | None = None,
    ) -> None:
        self._windows = windows or OwnWindows()
        self._holder = holder or f"holder-{id(self)}"
        self._is_gone = is_gone or (lambda _: False)
        self._lock = threading.Lock()
        self._slices: dict[str, Taken] = {}
        self._told: dict[str, Told] = {}
        self._looked: dict[str, tuple[float, Window]] = {}
        self._inside: dict[str, int] = {}
        self._room: dict[str, Held] = {}

    def take(self, name: str, limit: RateLimit, now: float, /) -> Place:
        """A place under the named limit, which is `limit` until an answer has told another."""
        with self._lock:
            if not limit.requests:
                return self._open_place(name, now)
            have = self._slices.get(name)
            if have is None or not have.count or not have.start <= now <= have.until:
                told = self._told.pop(name, None)
                given = self._windows.change(name, lambda window: _taken(window, limit, now, told))
                if isinstance(given, Place):
                    return given
                have = given
            self._slices[name] = replace(have, count=have.count - 1)
            return Place(start=have.start, until=have.until)

    def learn(self, name: str, told: Told, /) -> None:
        """Remember what an answer said; it counts from the next slice on."""
        with self._lock:
            self._told[name] = told

    def close(self, names: Sequence[str], until: float, why: str, /) -> None:
        """Nobody sends anything under these limits before then."""
        with self._lock:
            for name in names:
                self._windows.change(name, lambda window: (_closed(window, until, why), None))
                self._slices.pop(name, None)
                self._looked.pop(name, None)

    def closed(self, name: str, now: float, /) -> Place | None:
        """What is closed now, and until when; looked up every few seconds."""
        with self._lock:
            place = self._open_place(name, now)
            return place if place.closed_why is not None else None

    @contextmanager
    def at_once(self, name: str, most: int, now: float, /, *, for_s: float) -> Iterator[bool]:
        """Room for one call among at most so many at once; gives whether there is any. A call lasts `for_s` at most.

        Room is kept for a while, so that calls one after another ask once. That of a process which is seen to be gone
        is free at once, any other's runs out by itself.
        """
        has_room = not most or self._enter(name, most, now, for_s)
        try:
            yield has_room
        finally:
            if most and has_room:
                with self._lock:
                    self._inside[name] -= 1

    def limit(self, name: str, otherwise: RateLimit, /) -> RateLimit:
        """The named limit as last told to this process."""
        with self._lock:
            told = self._told.get(name)
            if told is None:
                return otherwise
            return RateLimit(requests=told.requests, window_s=told.window_s or otherwise.window_s)

    def _open_place(self, name: str, now: float) -> Place:
        looked, window = self._looked.get(name, (-_LOOK_S, Window()))
        if not looked <= now < looked + _LOOK_S:
            window = self._windows.load(name)
            self._looked[name] = (now, window)
        if window.closed_until > now:
            return Place(start=window.closed_until, closed_why=window.closed_why)
        return Place(start=now)

    def _enter(self, name: str, most: int, now: float, for_s: float) -> bool:
        with self._lock:
            inside = self._inside.get(name, 0)
            room = self._room.get(name, Held(count=0, until=0.0))
            if inside >= room.count or room.until < now + for_s:
                wanted = Held(count=inside + 1, until=now + 2 * for_s)
                got = self._windows.change(name, lambda window: _given_room(window, self._holder, wanted, most, now))
                if not got and (gone := self._gone(name)):
                    got = self._windows.change(
                        name, lambda window: _given_room(_without(window, gone), self._holder, wanted, most, now)
                    )
                if not got:
                    return False
                self._room[name] = wanted
            self._inside[name] = inside + 1
            return True

    def _gone(self, name: str) -> frozenset[str]:
        """Who holds room and is seen to be gone; looked up only where there is no room."""
        return frozenset(other for other in self._windows.load(name).held if self._is_gone(other))


def _taken(window: Window, limit: RateLimit, now: float, told: Told | None) -> tuple[Window, Taken | Place]:
    """The next places: at once where there is room, else one, at the first moment that leaves no window overfull."""
    if told is not None:
        window = _learned(window, told)
    if window.closed_until > now:
        return window, Place(start=window.closed_until, closed_why=window.closed_why)
    most, window_s = window.requests or limit.requests, window.window_s or limit.window_s
    weighs_s = window_s + max(window_s * _SLACK, min(_LEAST_SLACK_S, window_s))
    standing = tuple(one for one in window.taken if one.until + weighs_s > now)
    used = sum(one.count for one in standing)
    count, start = min(max(1, most // _SLICES_A_WINDOW), most - used), now
    if count < 1:
        count, over = 1, used + 1 - most
        for one in sorted(standing, key=lambda one: one.until):
            over -= one.count
            if over <= 0:
                start = max(now, one.until + weighs_s)
                break
    good_s = max(window_s / _SLICES_A_WINDOW, min(_LEAST_GOOD_S, window_s / 10))
    given = Taken(start=start, until=start + good_s, count=count)
    return replace(window, taken=(*standing, given)), given


def _learned(window: Window, told: Told) -> Window:
    """The window with the limit an answer named, and with what others than us had used of it by then."""
    window = replace(window, requests=told.requests, window_s=told.window_s or window.window_s)
    if told.remaining is None:
        return window
    since = told.at - (told.window_s or window.window_s)
    ours = sum(one.count for one in window.taken if since < one.until and one.start <= told.at)
    others = told.requests - told.remaining - ours
    if others <= 0:
        return window
    return replace(window, taken=(*window.taken, Taken(start=told.at, until=told.at, count=others)))


def _closed(window: Window, until: float, why: str) -> Window:
    return replace(window, closed_until=until, closed_why=why) if until > window.closed_until else window


def _given_room(window: Window, holder: str, wanted: Held, most: int, now: float) -> tuple[Window, bool]:
    others = {name: one for name, one in window.held.items() if name != holder and one.until > now}
    if sum(one.count for one in others.values()) + wanted.count > most:
        return replace(window, held={**others, **_only(window.held, holder)}), False
    return replace(window, held={**others, holder: wanted}), True


def _without(window: Window, gone: frozenset[str]) -> Window:
    return replace(window, held={name: one for name, one in window.held.items() if name not in gone})


def _only(held: dict[str, Held], holder: str) -> dict[str, Held]:
    return {holder: held[holder]} if holder in held else {}
