"""Every row of the table of people's deeds, on both CRMs over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from service.sync.report import SyncReport
from tests.integration.people.people_table import ROWS, Place, Row
from tests.integration.people_world import make_book_of, office

CRMS = ("salesforce", "hubspot")
README = Path(__file__).parents[3] / "service" / "sync" / "README.md"
CASES = [pytest.param(crm, row, id=f"{row.name}-{crm}") for row in ROWS for crm in row.crms]


class Played:
    """An office in which deeds were done, and synced."""

    def __init__(self, crm: str, folder: Path, rows: tuple[Row, ...], stack: ExitStack) -> None:
        numbers = {row.name: 5 * place + 1 for place, row in enumerate(rows)}
        reasons = {numbers[row.name]: row.reason for row in rows}
        reasons |= {numbers[row.name] + 1: row.reason for row in rows if row.has_neighbour}
        self.office = stack.enter_context(office(crm, folder, make_book_of(reasons)))
        self.places = {row.name: Place(self.office, numbers[row.name]) for row in rows}
        self.reports: list[SyncReport] = []
        for deeds in ([row.act for row in rows], [row.then for row in rows]):
            self.office.pass_time(hours=2)
            for row, deed in zip(rows, deeds, strict=True):
                self.office.pass_time(minutes=1)
                deed(self.places[row.name])
            self.office.pass_time(hours=1)
            self.reports.append(self.office.sync())
        self.office.pass_time(hours=1)
        self.last = self.office.sync()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Played]]:
    """All deeds that concern one deal, done in one office of each CRM."""
    with ExitStack() as stack:
        yield {
            crm: Played(
                crm,
                tmp_path_factory.mktemp(crm),
                tuple(row for row in ROWS if crm in row.crms and not row.is_apart),
                stack,
            )
            for crm in CRMS
        }


@pytest.mark.parametrize(("crm", "row"), CASES)
def test_after_the_next_sync_it_is_as_the_table_says(
    crm: str, row: Row, shared: dict[str, Played], tmp_path: Path
) -> None:
    with ExitStack() as stack:
        played = Played(crm, tmp_path, (row,), stack) if row.is_apart else shared[crm]
        row.holds(played.places[row.name])


@pytest.mark.parametrize("crm", CRMS)
def test_a_sync_after_all_that_writes_nothing(crm: str, shared: dict[str, Played]) -> None:
    assert (shared[crm].last.written, shared[crm].last.counts.planned) == (0, 0)
    assert not any(report.failures or report.failed for report in (*shared[crm].reports, shared[crm].last))


def test_the_table_in_words_is_the_one_that_is_tested() -> None:
    lines = README.read_text(encoding="utf-8").splitlines()
    told = [line for line in lines if line.startswith(("| rep |", "| admin |", "| CRM |"))]

    assert told == [f"| {row.who} | {row.deed} | {row.does} |" for row in ROWS]


def test_a_complete_read_sees_a_loss_that_no_read_saw_end(tmp_path: Path) -> None:
    """With several lost stages only the history tells, and that is asked of what changed alone."""
    with office("salesforce", tmp_path, make_book_of({1: "Timing"})) as found:
        found.pass_time(hours=2)
        for stage in ("open", "lost"):
            found.hands.to_stage(1, stage)
            found.pass_time(minutes=20)

        report = found.sync(full=True)

        assert found.episodes(1) == [(1, "reopened"), (2, None)]
        assert (report.counts.read, report.counts.reopened, report.counts.unchanged) == (1, 1, 1)
