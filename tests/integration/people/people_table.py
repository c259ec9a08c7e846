"""What a rep, an admin and a CRM can do between two syncs, and what Rekindle does: one row each, for either CRM.

The same rows in words stand in service/sync/README.md; a test compares them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from service.store.models import DealRow, TaskRefRow
from tests.integration.people_world import LEAVER, InHubSpot, Office, Task

TIMING, COMPETITOR = "Timing", "Lost to Competitor"
LATER = date(2027, 3, 11)
JUNE = date(2027, 6, 15)


@dataclass
class Place:
    """One row's deal in an office: its number, the one beside it, and its task as it first stood."""

    office: Office
    number: int
    first: Task = field(init=False)

    def __post_init__(self) -> None:
        self.first = self.office.task(self.number)

    @property
    def other(self) -> int:
        return self.number + 1

    @property
    def states(self) -> list[str]:
        return [row.state for row in self.office.reminders(self.number)]

    def open_tasks(self) -> list[Task]:
        return [task for task in self.office.hands.tasks(self.number) if task.is_open]

    def stands(self) -> Task:
        """The first task, still open."""
        (found,) = self.open_tasks()
        assert found.id == self.first.id
        return found

    def closed(self) -> Task:
        """The first task, completed by us with a note on top."""
        (found,) = [task for task in self.office.hands.tasks(self.number) if task.id == self.first.id]
        assert not found.is_open
        return found


Act = Callable[[Place], object]


@dataclass(frozen=True, kw_only=True)
class Row:
    """`who` does `deed`; after the next sync Rekindle `does`. `then` is done after that sync, before another one.

    `reason` is why the deal was lost; `is_apart`: it concerns the whole account, so it has an office to itself.
    """

    name: str
    who: str
    deed: str
    does: str
    act: Act
    holds: Act
    then: Act = lambda _: None
    reason: str = TIMING
    has_neighbour: bool = False
    is_apart: bool = False
    crms: tuple[str, ...] = ("salesforce", "hubspot")


def complete(at: Place) -> None:
    at.office.hands.change_task(at.first, is_open=False)


def completed(at: Place) -> None:
    assert at.states[0] == "done"
    (following,) = at.open_tasks()
    assert following.id != at.first.id
    assert following.due_on == at.office.reminders(at.number)[1].due_on


def complete_with_a_date(at: Place) -> None:
    at.office.hands.change_task(at.first, is_open=False, added="Ann asks us to call back on 15 June 2027.")


def follows_the_words(at: Place) -> None:
    assert at.states == ["done", "scheduled"]
    (following,) = at.open_tasks()
    assert following.due_on == JUNE
    assert "15 Jun" in following.subject


def move(at: Place) -> None:
    at.office.hands.change_task(at.first, due_on=LATER)


def stays_moved(at: Place) -> None:
    assert at.states == ["snoozed"]
    assert at.stands().due_on == at.office.reminders(at.number)[0].due_on == LATER


def delete(at: Place) -> None:
    at.office.hands.delete_task(at.first)


def stops(at: Place) -> None:
    assert set(at.states) == {"cancelled"}
    assert len(at.states) > 1
    assert at.open_tasks() == []


def reassign(at: Place) -> None:
    at.office.hands.change_task(at.first, owner_id=at.office.hands.owner_id(1))


def stays_with_the_colleague(at: Place) -> None:
    found = at.stands()
    assert found.owner_id == at.office.hands.owner_id(1) == at.office.reminders(at.number)[0].owner_id
    assert found.due_on == at.first.due_on


def retitle(at: Place) -> None:
    at.office.hands.change_task(at.first, subject="Lunch with Ann")


def state_a_date(at: Place) -> None:
    at.office.hands.state_follow_up(at.number, LATER)


def keeps_their_subject(at: Place) -> None:
    found = at.stands()
    assert (found.subject, found.due_on) == ("Lunch with Ann", LATER)
    refs = touched_of(at)
    assert "subject" in refs


def touched_of(at: Place) -> list[str]:
    with at.office.app.store.read() as tx:
        row = tx.query(TaskRefRow).where(TaskRefRow.crm_task_id == at.first.id).one()
        return list(row.touched)


def moves_to_the_date(at: Place) -> None:
    assert at.stands().due_on == LATER
    assert at.office.reminders(at.number)[0].anchor == "stated_date"
    assert at.office.hands.next_follow_up(at.number) == LATER.isoformat()


def to(*stages: str) -> Act:
    def act(at: Place) -> None:
        for stage in stages:
            at.office.pass_time(minutes=20)
            at.office.hands.to_stage(at.number, stage)

    return act


def ended_as(how: str, words: str) -> Act:
    def holds(at: Place) -> None:
        assert set(at.states) == {"cancelled"}
        assert at.open_tasks() == []
        assert words in at.closed().body
        assert at.office.episodes(at.number) == [(1, how)]

    return holds


def is_a_new_loss(at: Place) -> None:
    assert at.office.episodes(at.number) == [(1, "reopened"), (2, None)]
    assert "The deal was reopened." in at.closed().body
    (following,) = at.open_tasks()
    old, new = at.office.reminders(at.number)
    assert (old.state, new.state) == ("cancelled", "scheduled")
    assert following.due_on == new.due_on > at.first.due_on


def nothing_happens(at: Place) -> None:
    assert at.stands() == at.first
    assert at.office.episodes(at.number) == [(1, None)]


def is_the_same_loss(at: Place) -> None:
    assert at.office.episodes(at.number) == [(1, None)]
    assert at.states == ["scheduled"]
    assert at.stands().due_on == at.office.reminders(at.number)[0].due_on > at.first.due_on


def delete_deal(at: Place) -> None:
    at.office.hands.delete_deal(at.number)


def is_gone(at: Place) -> None:
    assert set(at.states) == {"cancelled"}
    assert at.open_tasks() == []
    assert at.office.episodes(at.number) == [(1, "deleted")]


def give_deal(at: Place) -> None:
    at.office.hands.give_deal(at.number, 1)


def goes_along(at: Place) -> None:
    assert at.stands().owner_id == at.office.hands.owner_id(1)


def to_another_account(at: Place) -> None:
    at.office.hands.to_empty_account(at.number)


def keeps_its_plan_there(at: Place) -> None:
    assert at.stands().due_on == at.first.due_on
    (deal,) = at.office.rows(DealRow, at.number)
    assert deal.account_name.startswith("Account ")
    assert deal.account_name not in at.first.subject


def merge_accounts(at: Place) -> None:
    at.office.hands.merge_accounts(at.number, at.other)


def the_earlier_stands_for_both(at: Place) -> None:
    both = [task for number in (at.number, at.other) for task in at.office.hands.tasks(number)]
    (standing,) = [task for task in both if task.is_open]
    rows = [row for number in (at.number, at.other) for row in at.office.reminders(number)]
    assert [row.state for row in rows] == ["scheduled", "scheduled"]
    assert standing.due_on == min(row.due_on for row in rows)


def merge_deals(at: Place) -> None:
    assert isinstance(at.office.hands, InHubSpot)
    at.office.hands.merge_deals(at.number, at.other)


def the_survivors_plan_stands(at: Place) -> None:
    assert at.first.id in {task.id for task in at.open_tasks()}
    assert len(at.open_tasks()) == 1
    assert at.office.episodes(at.number) == [(1, None)]
    assert at.office.episodes(at.other) == [(1, "merged")]
    assert [row.state for row in at.office.reminders(at.other)] == ["cancelled"]


def dismiss(at: Place) -> None:
    at.office.hands.dismiss(LEAVER)


def goes_to_the_accounts_owner(at: Place) -> None:
    assert at.stands().owner_id == at.office.hands.owner_id(2)


def rename(at: Place) -> None:
    at.office.hands.rename_lost_stages()
    at.office.hands.touch(at.number)


def hide(at: Place) -> None:
    at.office.hands.hide_reason()
    at.office.hands.touch(at.number)


def touch(at: Place) -> None:
    at.office.hands.touch(at.number)


ROWS = (
    Row(
        name="complete", who="rep", deed="completes the task", reason=COMPETITOR, act=complete, holds=completed,
        does="The follow-up is done; the next one of the plan gets its task.",
    ),
    Row(
        name="complete_with_text", who="rep", deed="adds text to the task and completes it", act=complete_with_a_date,
        holds=follows_the_words,
        does="The text is read for dates; the plan is made again, and a date that lies ahead gets its task.",
    ),
    Row(
        name="move", who="rep", deed="moves the due day", act=move, then=touch, holds=stays_moved,
        does="The follow-up is snoozed to that day and pinned there.",
    ),
    Row(
        name="delete_task", who="rep", deed="deletes the task", reason=COMPETITOR, act=delete, then=touch, holds=stops,
        does='All follow-ups of that loss end: "delete it and we stop". Nothing is recreated.',
    ),
    Row(
        name="reassign", who="rep", deed="gives the task to a colleague", act=reassign, then=touch,
        holds=stays_with_the_colleague, does="The task stays with the colleague.",
    ),
    Row(
        name="subject", who="rep", deed="edits the subject", act=retitle, then=state_a_date, holds=keeps_their_subject,
        does="The task counts as touched: its words stay, also where its day changes later.",
    ),
    Row(
        name="next_follow_up", who="rep", deed="edits Next Follow-up", act=state_a_date, holds=moves_to_the_date,
        does="It is a stated date: the plan is made again, and the task moves there.",
    ),
    Row(
        name="reopen", who="rep", deed="reopens the deal", act=to("open"), holds=ended_as("reopened", "reopened"),
        does="The episode ends; its open task is completed with a note.",
    ),
    Row(
        name="lose_again", who="rep", deed="reopens the deal, and loses it again after a sync", act=to("open"),
        then=to("lost"), holds=is_a_new_loss, does="A new episode with a plan of its own.",
    ),
    Row(
        name="lose_again_unseen", who="rep", deed="reopens the deal and loses it again between two syncs",
        act=to("open", "lost"), holds=is_a_new_loss,
        does="The same, where the history of stages can be read: the first task is completed with a note.",
    ),
    Row(
        name="other_lost_stage", who="rep", deed="moves the deal to another lost stage", act=to("other lost"),
        holds=is_the_same_loss, does="The same episode, lost on the day of the move: its task moves with that day.",
    ),
    Row(
        name="win", who="rep", deed="wins the deal", act=to("won"), holds=ended_as("won", "won"),
        does="The episode ends as a win-back; its open task is completed with a note.",
    ),
    Row(
        name="delete_deal", who="rep", deed="deletes the deal", act=delete_deal, holds=is_gone,
        does="The episode ends, and its follow-ups with it.",
    ),
    Row(
        name="merge_deals", who="rep", deed="merges another deal into this one (HubSpot)", act=merge_deals,
        holds=the_survivors_plan_stands, has_neighbour=True, crms=("hubspot",),
        does="The absorbed deal's open task is completed with a note; the survivor's plan stands.",
    ),
    Row(
        name="merge_accounts", who="rep", deed="merges the accounts of two lost deals", act=merge_accounts,
        holds=the_earlier_stands_for_both, has_neighbour=True,
        does="One task per account: the earlier stands, the other is completed with a note and waits its turn.",
    ),
    Row(
        name="owner", who="rep", deed="gives the deal to another owner", act=give_deal, holds=goes_along,
        does="The open task goes along.",
    ),
    Row(
        name="account", who="rep", deed="moves the deal to another account", act=to_another_account,
        holds=keeps_its_plan_there, does="The plan stands, in the company of the other account's follow-ups.",
    ),
    Row(
        name="leaver", who="admin", deed="deactivates the owner", reason="Timing (leaver)", act=dismiss,
        holds=goes_to_the_accounts_owner,
        does="The open task goes to the account's owner, else the manager, else the fallback.",
    ),
    Row(
        name="stage", who="admin", deed="renames or archives the lost stage", act=rename, holds=nothing_happens,
        is_apart=True, does="Nothing: a stage is known by its flags and its id.",
    ),
    Row(
        name="hide_field", who="admin", deed="hides or deletes the reason field", act=hide, holds=nothing_happens,
        is_apart=True, does="A warning; what was read stays in force, and nothing is planned anew because of it.",
    ),
    Row(
        name="touch", who="CRM", deed="stamps the deal anew without a change that matters", act=touch,
        holds=nothing_happens, does="Nothing.",
    ),
)  # fmt: skip
