"""What must be true of the book after a command, whatever went wrong on the way."""

from __future__ import annotations

from collections import Counter

from tests.torture.books import Book
from tests.torture.command_line import CommandLine

STANDING = {"scheduled", "due", "snoozed"}


def ledger_balances(book: Book, line: CommandLine) -> None:
    """Every closed-lost deal of the CRM is stored or excluded by a rule, month by month."""
    said = line.must("audit", "--ledger", "--json", tries=4)
    lines = said.json()
    assert {one["month"]: one["crm"] for one in lines if one["crm"]} == book.lost_by_month(), str(said)
    for one in lines:
        assert one["stored"] + sum(one["excluded"].values()) == one["crm"], one
        assert one["difference"] == 0, one


def tasks_stand_once(book: Book, line: CommandLine) -> int:
    """Every open task in the CRM is one reminder's, on its day, and every reminder's task is there."""
    tasks = {one.id: one for one in book.tasks()}
    doubled = {key: times for key, times in Counter(one.key for one in tasks.values()).items() if times > 1}
    assert not doubled, f"tasks with one key: {doubled}"
    reminders = line.must("reminders", "list", "--json").json()
    shown = [one for one in reminders if one["task_id"] and one["state"] in STANDING]
    assert len({one["task_id"] for one in shown}) == len(shown), "two reminders share a task"
    for one in shown:
        task = tasks.get(one["task_id"])
        assert task is not None, f"the task of this reminder is gone: {one}"
        assert task.is_open, one
        assert task.due_on == one["due_on"], (task, one)
    known = {one["task_id"] for one in shown}
    strays = [one for one in tasks.values() if one.is_open and one.id not in known]
    assert not strays, (
        f"open tasks that no reminder knows: {strays}; {[r for r in reminders if r['deal_id'] == strays[0].deal_id]}"
    )
    return len(shown)


def nothing_is_written(book: Book, line: CommandLine, *arguments: str) -> None:
    """A command that finds nothing new writes nothing."""
    before = list(book.crm.writes)
    said = line.must(*arguments, tries=4)
    assert book.crm.writes == before, f"{book.crm.writes[len(before) :]}\n{said}"
    assert said.json()["written"] == 0, str(said)


def emulator_is_well(book: Book) -> None:
    """The emulator itself met nothing that it does not know."""
    assert book.crm.strange == []
