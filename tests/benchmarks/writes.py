"""Going live: plan, spread and write the first tasks, in both CRMs."""

from __future__ import annotations

from pathlib import Path

import orjson

from tests.benchmarks import formulae
from tests.benchmarks.processes import run, sandbox
from tests.benchmarks.report import calls, figure, heading, note

LIFTED = {"burst_rate": "0", "search_rate": "0"}


def measure(folder: Path, *, tasks: int) -> None:
    """Tasks a second from `go-live` to the CRM's ids in our database."""
    for crm, formula in (("salesforce", formulae.salesforce_writes), ("hubspot", formulae.hubspot_writes)):
        heading(f"Going live with {tasks:,} tasks, {crm}")
        home = folder / f"live-{crm}"
        home.mkdir(parents=True)
        with sandbox(crm, home, lost=tasks * 4) as found:
            env = {"REKINDLE_HOME": str(home)} | ({"SSL_CERT_FILE": found["ca_file"]} if found["ca_file"] else {})
            options = LIFTED if crm == "hubspot" else {}
            run("product", "connect", crm, orjson.dumps(found).decode(), orjson.dumps(options).decode(), env=env)
            run("product", "sync", env=env)
            ran = run("product", "live", str(tasks * 2), env=env)
        told = ran.told
        tasks_made, all_writes = told["announced"], told["written"]
        fields = all_writes - tasks_made
        figure("tasks", tasks_made / told["seconds"], "tasks/s", peak_mb=ran.peak_mb, cpu_rate=tasks_made / ran.cpu_s)
        figure("tasks and fields of deals", all_writes / told["seconds"], "writes/s")
        note(f"{tasks_made:,} tasks, {fields:,} deals' fields, {told['failed']:,} failed; calls: {told['by_kind']}")
        calls(told["by_kind"].get("write", 0), formula(tasks_made, fields))
