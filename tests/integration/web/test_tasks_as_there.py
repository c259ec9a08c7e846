"""A deal's page shows its tasks as the CRM has them."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

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
