"""The shared budget: no window ever holds more than its limit, whoever asks and whatever the answers say."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from connectors.budget import Budget, OwnWindows, Told
from connectors.limits import RateLimit

LIMIT = RateLimit(requests=5, window_s=1.0)


def sent_by(budgets: list[Budget], asks: list[tuple[float, int]], limit: RateLimit) -> list[float]:
    """When each request leaves, for callers that wait as told and ask for one at a time; time only goes forward."""
    times: list[float] = []
    free = dict.fromkeys(range(len(budgets)), 0.0)
    waiting: dict[int, list[float]] = {number: [] for number in free}
    for asked, who in sorted(asks):
        waiting[who % len(budgets)].append(asked)
    while any(waiting.values()):
        now, number = min((max(due[0], free[number]), number) for number, due in waiting.items() if due)
        waiting[number].pop(0)
        place = budgets[number].take("burst", limit, now)
        free[number] = max(now, place.start)
        times.append(free[number])
    return sorted(times)


@given(
    st.lists(st.tuples(st.floats(min_value=0, max_value=5), st.integers(0, 2)), min_size=1, max_size=60),
    st.integers(min_value=1, max_value=120),
)
def test_three_processes_together_never_pass_the_limit(asks: list[tuple[float, int]], requests: int) -> None:
    windows = OwnWindows()
    budgets = [Budget(windows, holder=str(number)) for number in range(3)]
    times = sent_by(budgets, asks, RateLimit(requests=requests, window_s=1.0))
    for first, beyond in zip(times, times[requests:], strict=False):
        assert beyond - first >= 1.0


def test_a_place_counts_longer_than_the_window_as_what_is_sent_later_may_arrive_sooner() -> None:
    windows = OwnWindows()
    sent = [Budget(windows).take("burst", RateLimit(requests=2, window_s=10), 0.0) for _ in range(2)]
    assert Budget(windows).take("burst", RateLimit(requests=2, window_s=10), 5.0).start >= sent[0].until + 10.3


def test_what_one_process_used_before_it_ended_counts_for_the_next() -> None:
    windows = OwnWindows()
    for number in range(5):
        assert Budget(windows).take("search", LIMIT, number / 100).start == number / 100
    assert Budget(windows).take("search", LIMIT, 0.06).start >= 1.0


def test_a_wait_that_the_crm_named_holds_for_everybody() -> None:
    windows = OwnWindows()
    told, other = Budget(windows), Budget(windows)
    told.close(("burst",), 30.0, "TEN_SECONDLY_ROLLING")
    place = other.take("burst", LIMIT, 10.0)
    assert (place.start, place.closed_why) == (30.0, "TEN_SECONDLY_ROLLING")
    assert other.take("burst", LIMIT, 30.0).closed_why is None


def test_without_a_limit_a_named_wait_still_holds() -> None:
    windows = OwnWindows()
    Budget(windows).close(("burst",), 30.0, "DAILY")
    assert Budget(windows).take("burst", RateLimit(requests=0, window_s=1.0), 10.0).start == 30.0


def test_a_shorter_wait_does_not_end_a_longer_one() -> None:
    windows = OwnWindows()
    budget = Budget(windows)
    budget.close(("burst",), 300.0, "DAILY")
    budget.close(("burst",), 20.0, "TEN_SECONDLY_ROLLING")
    assert Budget(windows).take("burst", LIMIT, 25.0).start == 300.0


def test_the_limit_that_an_answer_names_holds_for_everybody() -> None:
    windows = OwnWindows()
    first, second = Budget(windows), Budget(windows)
    first.take("burst", RateLimit(requests=1, window_s=10), 0.0)
    first.learn("burst", Told(at=0.1, requests=190, remaining=189, window_s=10.0))
    assert first.take("burst", RateLimit(requests=1, window_s=10), 0.2).start == 0.2
    assert second.take("burst", RateLimit(requests=1, window_s=10), 0.3).start == 0.3


def test_what_others_used_of_a_limit_is_counted() -> None:
    budget = Budget()
    limit = RateLimit(requests=100, window_s=10)
    budget.take("burst", limit, 0.0)
    budget.learn("burst", Told(at=0.1, requests=100, remaining=0, window_s=10.0))
    taken = [budget.take("burst", limit, 0.2).start for _ in range(3)]
    assert taken[-1] >= 10


def test_a_slice_is_asked_for_once_and_used_several_times() -> None:
    asked: list[str] = []

    class Counting(OwnWindows):
        def change(self, name, change):  # type: ignore[no-untyped-def] # as its parent's
            asked.append(name)
            return super().change(name, change)

    budget = Budget(Counting())
    for _ in range(40):
        budget.take("burst", RateLimit(requests=190, window_s=10), 1.0)
    assert len(asked) == 10


def test_no_limit_asks_nobody_and_never_waits() -> None:
    budget = Budget()
    assert {budget.take("burst", RateLimit(requests=0, window_s=1.0), 5.0).start for _ in range(100)} == {5.0}


def test_calls_at_once_are_counted_over_all_processes() -> None:
    windows = OwnWindows()
    first, second = Budget(windows, holder="a"), Budget(windows, holder="b")
    with first.at_once("calls", 2, 0.0, for_s=70) as one, first.at_once("calls", 2, 0.0, for_s=70) as two:
        assert (one, two) == (True, True)
        with second.at_once("calls", 2, 0.0, for_s=70) as three:
            assert three is False
    with second.at_once("calls", 2, 1000.0, for_s=70) as later:
        assert later is True, "the room of a process that is gone runs out"
