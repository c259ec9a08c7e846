"""Mistakes put into a copy of the product on purpose: each has to make the named tests fail.

python -m tests.torture.mutants            every mutant; a table, and status 1 where one survives
python -m tests.torture.mutants lease      those whose name holds the word
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("connectors", "mappings", "service", "tests")


@dataclass(frozen=True)
class Mutant:
    """One mistake: the text `old` of a file becomes `new`, and these tests have to notice."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    times: int = 1  # how often the text stands there
    slow: bool = False  # the tests that notice are among the slow ones


MUTANTS = (
    Mutant(
        name="no look before writing again",
        file="service/outbox/adopt.py",
        old="    if keys:\n        for ref in connector.find_tasks(keys):",
        new="    if not keys:\n        for ref in connector.find_tasks(keys):",
        tests=(
            "tests/integration/outbox/test_outbox.py::test_a_lost_answer_is_looked_for_before_anything_is_written_again",
        ),
    ),
    Mutant(
        name="no look before the first write",
        file="service/outbox/adopt.py",
        old="if not knows_all_of(",
        new="if knows_all_of(",
        tests=("tests/integration/sync/test_adoption.py::test_an_old_backup_finds_what_was_written_after_it",),
    ),
    Mutant(
        name="an unclear write is ready",
        file="service/outbox/outcomes.py",
        old="self._row(one, OutboxState.UNCLEAR, next_try_at=self.now + self.settings.look_after, error=error)",
        new="self._row(one, OutboxState.READY, next_try_at=self.now + self.settings.look_after, error=error)",
        tests=(
            "tests/integration/outbox/test_outbox.py::test_a_lost_answer_is_looked_for_before_anything_is_written_again",
        ),
    ),
    Mutant(
        name="a write whose worker died is ready",
        file="service/outbox/claim.py",
        old='"state": OutboxState.UNCLEAR,',
        new='"state": OutboxState.READY,',
        tests=("tests/integration/outbox/test_outbox.py::test_a_worker_killed_while_writing_leaves_exactly_one_task",),
    ),
    Mutant(
        name="looked for too soon",
        file="service/outbox/settings.py",
        old="return timedelta(seconds=self.look_after_s)",
        new="return timedelta(seconds=0)",
        tests=(
            "tests/integration/outbox/test_outbox.py::test_a_lost_answer_is_looked_for_before_anything_is_written_again",
        ),
    ),
    Mutant(
        name="> for >= on the watermark (Salesforce)",
        file="connectors/salesforce/queries.py",
        old='return f"(SystemModstamp > {at} OR (SystemModstamp = {at} AND Id > {quoted(record_id)}))"',
        new='return f"SystemModstamp > {at}"',
        tests=("tests/contract/test_salesforce_org.py",),
    ),
    Mutant(
        name="> for >= on the watermark (HubSpot)",
        file="connectors/hubspot/queries.py",
        old='{"propertyName": MODIFIED, "operator": "GTE", "value": str(low)}',
        new='{"propertyName": MODIFIED, "operator": "GT", "value": str(low)}',
        tests=("tests/contract/test_hubspot_reads.py",),
    ),
    Mutant(
        name="checkpoint before page",
        file="service/sync/taking.py",
        old="    take = partial(_ingest, app, connection,",
        new="    with app.store.begin() as tx:\n        then(tx)\n    take = partial(_ingest, app, connection,",
        tests=("tests/integration/sync/test_sync_killed.py::test_dying_after_any_commit_changes_nothing_in_the_end",),
        slow=True,
    ),
    Mutant(
        name="no lease on writes",
        file="service/outbox/claim.py",
        old="OutboxRow.state == OutboxState.READY",
        new="OutboxRow.state.in_((OutboxState.READY, OutboxState.WRITING))",
        times=2,
        tests=("tests/integration/outbox/test_outbox.py",),
    ),
    Mutant(
        name="no lease on a sync",
        file="service/sync/lease.py",
        old="    if not _take(app, connection_id, holder):\n        _free_if_dead",
        new="    if False:\n        _free_if_dead",
        tests=("tests/e2e/test_interruptions.py::test_a_sync_that_is_stopped_leaves_the_place_to_the_next",),
    ),
    Mutant(
        name="no lease on tokens",
        file="connectors/salesforce/tokens.py",
        old="        with self._kit.tokens.lease():\n            stored = self._stored()\n"
        "            if stored and not _same(stored, refused):\n                return stored\n",
        new="        with self._lock if False else threading.Lock():\n            stored = self._stored()\n",
        tests=("tests/integration/connections/test_token_life.py",),
    ),
    Mutant(
        name="a token used before it is saved",
        file="connectors/salesforce/tokens.py",
        old="            self._kit.tokens.save(token.parts())\n",
        new="",
        tests=("tests/integration/connections/test_token_life.py",),
    ),
    Mutant(
        name="no idempotency key",
        file="service/outbox/build.py",
        old="TaskKey(key=key, deal=deal)",
        new="TaskKey(key=key + __import__('os').urandom(3).hex(), deal=deal)",
        tests=(
            "tests/integration/outbox/test_outbox.py::test_a_lost_answer_is_looked_for_before_anything_is_written_again",
        ),
    ),
    Mutant(
        name="limits of each process alone",
        file="service/bootstrap.py",
        old="Budget(StoredWindows(self.store, connection.id), holder=",
        new="Budget(holder=",
        tests=(
            "tests/integration/connections/test_shared_limits.py::test_three_processes_search_no_faster_than_the_account_may",
        ),
        slow=True,
    ),
    Mutant(
        name="a stopped go-live is not taken back",
        file="service/golive/rehearsal.py",
        old="        unfinished.take_back(store, self.connection_id, now=self.now)\n",
        new="",
        tests=("tests/integration/golive/test_golive_stopped.py",),
    ),
    Mutant(
        name="a refresh token used without a word of it",
        file="connectors/salesforce/tokens.py",
        old="        self._kit.tokens.save({**kept, **attempt.parts()})\n",
        new="",
        tests=("tests/integration/connections/test_token_life.py",),
    ),
    Mutant(
        name="parts of a page are forgotten",
        file="service/sync/spool.py",
        old="read(self._begun or place)",
        new="read(place)",
        tests=("tests/unit/service/sync/test_spool.py",),
    ),
    Mutant(
        name="a 429 is forgotten at once",
        file="connectors/hubspot/pacing.py",
        old="        self._refusals[name] += 1\n",
        new="",
        tests=("tests/contract/test_hubspot_reads.py",),
    ),
    Mutant(
        name="an odd deal stops the others",
        file="service/store/apart.py",
        old="            if not part or count >= MOST_FAILED:",
        new="            if True:",
        tests=("tests/integration/sync/test_odd_deals.py",),
    ),
    Mutant(
        name="a pages' file taken for any place",
        file="service/sync/spool.py",
        old="                if kept.at != at:\n                    continue\n",
        new="",
        tests=("tests/unit/service/sync/test_spool.py",),
    ),
)


def verdict(mutant: Mutant) -> str:
    """ "caught", "survived", or what is wrong with the mutant itself."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        copy = Path(folder)
        for name in PACKAGES:
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", copy)
        path = copy / mutant.file
        text = path.read_text(encoding="utf-8")
        if text.count(mutant.old) != mutant.times:
            return f"its text stands {text.count(mutant.old)} times in {mutant.file}"
        path.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
        return _judged(copy, mutant)


def _judged(copy: Path, mutant: Mutant) -> str:
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    chosen = "slow" if mutant.slow else "not slow"
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-m", chosen, *mutant.tests]
    run = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, timeout=1800, check=False)
    if run.returncode == 1:
        return "caught"
    return "survived" if run.returncode == 0 else f"the tests did not run: {run.stdout[-500:]}{run.stderr[-500:]}"


def main(words: list[str]) -> int:
    """Judge the mutants whose name holds one of the words, or all; 1 where one is not caught."""
    chosen = [one for one in MUTANTS if not words or any(word in one.name for word in words)]
    told = []
    for one in chosen:
        told.append(verdict(one))
        sys.stdout.write(f"{one.name:<45} {told[-1]}\n")
        sys.stdout.flush()
    return 0 if all(one == "caught" for one in told) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
