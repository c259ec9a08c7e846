"""One person's data: found wherever it stands, and gone from the database's own files afterwards."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import insert, select, update

from connectors.base import TaskStatus
from mappings.model import Note
from service.errors import UsageFault
from service.keeping.backup import backup
from service.keeping.free_text import cut_words, losses_before
from service.keeping.person import Person, delete_person, export_person
from service.store.models import (
    ActionRow,
    ConsentRow,
    DealContactRow,
    DealRow,
    DebriefRow,
    EventRow,
    FailedDealRow,
    MappingSetRow,
    MessageRow,
    RunRow,
    UserRow,
)
from tests.integration.keeping_world import address, opened
from tests.integration.world import NOW, TODAY, World, step
from tests.tables import with_tables

NAME, EMAIL, CONTACT = "Ottilie Quarz", "ottilie.quarz@prospect.example", "C-77"
HER = Person(email=EMAIL, names=(NAME,), contact_ids=(CONTACT,))
LATER = date(2026, 12, 23)


@pytest.fixture(params=["sqlite", "postgresql"])
def book(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """Somebody who is written of wherever words are kept, and a deal that has nothing to do with her."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    with opened(address(request.param, tmp_path, url, "person")) as store:
        with_tables(store)
        world = World(store)
        words = f"She left.\n{NAME.upper()} <{EMAIL}> wants a call in May 2027."
        world.lose(
            "hers",
            step(LATER, why=f"{NAME} asked for it."),
            name=f"{NAME} - support plan",
            notes=(Note(field="Notes", text=words),),
            contact_id=CONTACT,
        )
        world.lose("other", step(LATER), notes=(Note(field="Notes", text="Call Quarzwerk in May."),))
        world.work()
        _write_of_her(world)
        yield world


def _write_of_her(world: World) -> None:
    hers = world.planned["hers"]
    rows: tuple[tuple[Any, dict[str, Any]], ...] = (
        (DealContactRow, {"deal_id": hers.deal_row_id, "contact_id": CONTACT}),
        (DebriefRow, {"episode_id": hers.episode_id, "why": f"{NAME} said so", "stated": "", "momentum": NAME,
                      "to_change": "", "who": "rep", "said_at": NOW}),
        (MessageRow, {"connection_id": world.connection_id, "kind": "digest", "owner_id": "rep-1", "day": TODAY,
                      "channel": "email", "state": "sent", "content": {"lines": [f"Call {NAME}"]}, "next_try_at": NOW,
                      "created_at": NOW}),
        (FailedDealRow, {"connection_id": world.connection_id, "crm_deal_id": "f", "name": NAME, "error": EMAIL,
                         "failed_at": NOW}),
        (RunRow, {"kind": "sync", "started_at": NOW, "error": f"{EMAIL} is no date", "counts": {}, "calls": {}}),
        (EventRow, {"at": NOW, "who": "rep", "entity": "deal", "entity_id": 1, "to_state": "x", "why": f"By {NAME}"}),
        (ActionRow, {"at": NOW, "who": EMAIL, "what": "looked", "subject": NAME, "says": NAME}),
        (UserRow, {"email": EMAIL, "name": NAME, "role": "viewer", "is_active": False, "created_at": NOW}),
    )  # fmt: skip
    with world.store.begin() as tx:
        for kind, values in rows:
            tx.execute(insert(kind).values(**values))


def everything(world: World, folder: Path) -> str:
    """All that can be read of the database: its files' bytes, and a backup."""
    file = folder / "all.rekindle"
    backup(world.store, file, now=NOW)
    raw = gzip.decompress(file.read_bytes())
    database = world.store.engine.url.database
    if world.store.engine.dialect.name == "sqlite" and database:
        raw += b"".join(one.read_bytes() for one in Path(database).parent.glob(f"{Path(database).name}*"))
    return raw.decode(errors="replace").casefold()


def test_nothing_of_a_deleted_person_is_found_in_the_databases_files(book: World, tmp_path: Path) -> None:
    assert NAME.casefold() in everything(book, tmp_path)

    report = delete_person(book.store, HER)

    left = everything(book, tmp_path)
    assert [word for word in (NAME, EMAIL, CONTACT) if word.casefold() in left] == []
    assert (report.contacts, report.deals, report.still_named_in) == (1, 1, [])
    assert export_person(book.store, HER)["found"] == {}


def test_what_was_read_of_their_consent_is_exported_and_other_contacts_is_not(book: World) -> None:
    hers = book.planned["hers"].deal_row_id
    shared = {"deal_id": hers, "flags": {"No_Mail": True}, "is_closed": True, "basis": "b", "read_at": NOW}
    with book.store.begin() as tx:
        tx.execute(insert(ConsentRow).values(**shared, contact_id="C-78", changed_at=NOW))

    the_deals, found = export_person(book.store, HER)["found"]["consents"]

    assert the_deals["contact_id"] == ""
    assert (found["contact_id"], found["flags"]) == (CONTACT, {"No_Mail": False, "No_Calls": False})
    assert found["basis"]
    delete_person(book.store, HER)
    with book.store.read() as tx:
        assert tx.scalars(select(ConsentRow.contact_id).where(ConsentRow.deal_id == hers)).all() == ["", "C-78"]


def test_what_has_nothing_to_do_with_them_stays(book: World) -> None:
    delete_person(book.store, HER)

    with book.store.read() as tx:
        other = tx.scalars(select(DealRow).where(DealRow.crm_deal_id == "other")).one()
        assert other.record["notes"][0]["text"] == "Call Quarzwerk in May."
    assert book.states() == ["scheduled", "scheduled"]
    assert len(book.crm.open()) == 2


def test_their_follow_up_goes_on_and_its_old_text_is_not_taken_for_a_reps_words(book: World) -> None:
    delete_person(book.store, HER)
    told: list[object] = []

    def listen(_tx: object, _connection: object, words: object) -> int:
        told.append(words)
        return 0

    assert book.read_back() == {}
    task = next(task for task in book.crm.open() if task.deal.deal_id == "hers")
    task.status = TaskStatus.COMPLETED
    book.read_back(told=listen)

    assert (book.states("hers"), told) == (["done"], [])


def test_an_export_shows_each_row_and_no_secret(book: World) -> None:
    found = export_person(book.store, HER)["found"]

    assert {"deals", "debriefs", "messages", "users", "actions", "task_refs", "outbox", "deal_contacts"} <= found.keys()
    assert [row["crm_deal_id"] for row in found["deals"]] == ["hers"]
    assert found["deals"][0]["record"]["contact_id"] == CONTACT
    assert "password_hash" not in found["users"][0]
    orjson.dumps(found)


def test_somebody_who_may_sign_in_is_switched_off_first(book: World) -> None:
    with book.store.begin() as tx:
        tx.execute(update(UserRow).values(is_active=True))

    with pytest.raises(UsageFault, match="users off"):
        delete_person(book.store, HER)

    assert export_person(book.store, HER)["found"]["users"]


def test_rules_that_name_a_person_are_told_and_left_to_an_editor(book: World) -> None:
    row = {"version": "v", "text": f"# as {NAME} says", "is_current": False, "author": "ann", "created_at": NOW}
    with book.store.begin() as tx:
        number = tx.execute(insert(MappingSetRow).values(**row).returning(MappingSetRow.id)).scalar_one()

    assert delete_person(book.store, HER).still_named_in == [f"mapping_sets {number}"]


def test_words_about_old_losses_are_cut_and_what_they_mean_stays(book: World) -> None:
    book.set(retention_days=30)
    connection = book.connection()
    with book.store.begin() as tx:
        ids = losses_before(tx, connection, today=TODAY, after=0)
        assert cut_words(tx, ids) == 2
        assert losses_before(tx, connection, today=TODAY - timedelta(days=40), after=0) == []

    with book.store.read() as tx:
        assert [row.record["notes"] for row in tx.scalars(select(DealRow))] == [[], []]
        assert {row.momentum for row in tx.scalars(select(DebriefRow))} == {""}
    assert book.states() == ["scheduled", "scheduled"]
    assert book.work()["failed"] == 0
