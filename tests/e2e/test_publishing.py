"""Publishing and rolling back with the real command line, judged by the tasks that stand in the CRM."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mappings.documents.mapping_edits import assign_labels
from mappings.taxonomy import Category
from tests.e2e.command_line import CommandLine
from tests.e2e.conftest import Org, Portal
from tests.e2e.test_line import hubspot, salesforce

ASKED = ("Price", "Timing", "No Budget / Lost Funding", "Lost to Competitor", "Budget", "No budget", "Competitor")
Tasks = dict[str, tuple[bool, str]]
"""Whether it is done, and its day, by the CRM's id."""


@pytest.fixture(params=["hubspot", "salesforce"])
def tasks(request: pytest.FixtureRequest, here: CommandLine) -> Callable[[], Tasks]:
    """A live connection that wrote its tasks; what the CRM holds of them."""
    read: Callable[[], Tasks]
    if request.param == "hubspot":
        portal: Portal = request.getfixturevalue("portal")
        account = hubspot(portal)

        def read() -> Tasks:
            rows = [task["properties"] for task in portal.portal.tasks()]
            ours = [row for row in rows if row.get("hs_task_body")]
            return {row["hs_object_id"]: (row["hs_task_status"] == "COMPLETED", row["hs_timestamp"]) for row in ours}
    else:
        org: Org = request.getfixturevalue("org")
        client = ("--client-id", org.org.settings.client_id, "--client-secret-stdin")
        account = salesforce(org, client, org.org.settings.client_secret)

        def read() -> Tasks:
            ours = [task for task in org.org.tasks() if task["Rekindle_Key__c"]]
            return {task["Id"]: (task["Status"] == "Completed", task["ActivityDate"]) for task in ours}

    account.connect(here, "--account-sense", "off", "--one-task-per-account", "off")
    here.ok("sync")
    here.ok("go-live", "acme", "--yes")
    return read


def test_what_is_published_reaches_the_crm_and_a_rollback_takes_it_back(
    here: CommandLine, tasks: Callable[[], Tasks]
) -> None:
    before = tasks()
    document = assign_labels(here.ok("mappings", "export").out, ASKED, Category.NOT_A_REJECTION, "duplicate")
    here.ok("mappings", "import", "-", stdin=document)
    told = here.run("mappings", "publish", "--json").json
    assert tasks() == before

    done = here.json("mappings", "publish", "--yes", "--comment", "they are all duplicates")

    changed = {id_ for id_, (is_done, _) in tasks().items() if is_done and not before[id_][0]}
    assert len(changed) == told["totals"]["tasks closed"] > 0
    assert (done["arrived"], done["failed"]) == (0, 0)
    assert here.json("connections", "show", "acme")["state"] == "live"

    here.ok("mappings", "rollback", "--yes")

    assert tasks() == before
