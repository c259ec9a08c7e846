"""Which of an account's next steps has the one task."""

from __future__ import annotations

from datetime import date

from service.reminders.choose import Candidate, Choice, choose

TODAY = date(2026, 11, 20)
MONDAY = date(2026, 11, 23)


def step(number: int, *, due_on: date = MONDAY, has_task: bool = False) -> Candidate:
    return Candidate(id=number, episode_id=number, position=0, due_on=due_on, state="scheduled", has_task=has_task)


def test_of_two_steps_on_one_day_the_one_that_has_its_task_keeps_it() -> None:
    newcomer, standing = step(1), step(2, has_task=True)

    assert choose([newcomer, standing], [standing], today=TODAY, ahead=None) == Choice(keep=2, waiting=(1,))


def test_an_earlier_step_takes_the_place_of_a_later_one() -> None:
    newcomer, standing = step(1, due_on=TODAY), step(2, has_task=True)

    chosen = choose([newcomer, standing], [standing], today=TODAY, ahead=None)

    assert (chosen.write, chosen.close) == (1, (2,))


def test_beside_a_task_whose_day_has_come_a_later_one_that_a_move_brought_waits() -> None:
    due, brought = step(1, due_on=TODAY, has_task=True), step(2, has_task=True)

    chosen = choose([due, brought], [due, brought], today=TODAY, ahead=None)

    assert chosen == Choice(keep=1, close=(2,), waiting=(2,))


def test_of_two_tasks_whose_day_has_come_none_is_taken_away() -> None:
    one, other = step(1, due_on=TODAY, has_task=True), step(2, due_on=TODAY, has_task=True)

    assert choose([one, other], [one, other], today=TODAY, ahead=None).close == ()
