"""A deal's page shows its tasks as the CRM has them; what is snoozed comes back on a working day."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from mappings.model import Account
from service.people.roles import Scope
from tests.integration.web.desk import open_desk


def test_a_task_that_a_person_changed_is_shown_with_the_crms_own_values(tmp_path: Path) -> None:
    with open_desk(tmp_path) as desk:
        sets = desk.sets
        sets.read(sets.lost("d1", "Price"))
        sets.work()
        task = sets.crm.the_task()
        task.subject, task.due_on, task.owner_id = "Call Maria <b>", date(2027, 5, 3), "rep-2"
        sets.work()

        page = desk.enter().open("/deals/1")
        answer = desk.service.test_client().get("/api/v1/deals/1", headers=desk.token(Scope.READ)).get_json()

    shown = page[page.index("The task as the CRM has it") :]
    for label, value in (("Subject", "Call Maria <b>"), ("Due", "3 May 2027"), ("For", "rep-2@x.example|rep-2")):
        assert re.search(rf"<dt>{label}</dt><dd>({value}) <span class=\"tag warn\">changed there</span>", shown), label
    assert re.search(r"<dt>Status</dt><dd>open\s*</dd>", shown), shown[:900]
    there = next(one["task"] for one in answer["reminders"] if one["task"])
    assert (there["subject"], there["due_on"], there["owner_id"]) == ("Call Maria <b>", "2027-05-03", "rep-2")
    assert there["changed"] == ["due_on", "owner_id", "subject"]


def test_a_snooze_never_ends_on_a_day_on_which_nobody_works_there(tmp_path: Path) -> None:
    with open_desk(tmp_path) as desk:
        sets = desk.sets
        sets.read(
            sets.lost("d1", "Price"),
            sets.lost("d2", "Price", account=Account(id="A2", name="Two", country="AE")),
        )
        sets.work()
        ada = desk.enter()
        ada.open("/reminders?bucket=later")
        both = ["1", "2"]

        ada.send("/reminders/act", [("verb", "snooze"), ("until", "2026-12-25")], id=both)  # a Friday, Christmas Day

        shown = ada.open("/reminders?bucket=later")
        assert "1 moved to 25 Dec 2026." in shown, "a working day in the Emirates"
        assert "1 moved to 28 Dec 2026, the next working day: on Fri 25 Dec nobody works there." in shown
        assert "Monday 28 December 2026: on Friday 25 December 2026 nobody works there." in ada.open("/deals/1")
        call = {"ids": [1, 2], "until": "2026-12-05"}  # a Saturday
        answer = desk.service.test_client().post(
            "/api/v1/reminders/snooze", json=call, headers=desk.token(Scope.REMINDERS)
        )
        assert answer.get_json() == {"changed": 2, "days": {"2026-12-07": 2}}
