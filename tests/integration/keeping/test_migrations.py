"""The schema: made, taken back and made again, on both databases, and equal to the models."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from service.errors import RekindleError, UsageFault
from service.store import migrate as migrations
from service.store.codec import key_of_reasons
from service.store.migrate import ensure_schema, in_revision, migrate
from service.store.models import Base
from service.store.session import Store, open_store


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A database with no table in it."""
    if request.param == "sqlite":
        store = open_store(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    else:
        store = open_store(_new_database(request.getfixturevalue("postgres_url")))
    yield store
    store.dispose()


def _new_database(url: str) -> str:
    server = open_store(url)
    with server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("DROP DATABASE IF EXISTS migrations"))
        connection.execute(text("CREATE DATABASE migrations"))
    server.dispose()
    address, _, options = url.partition("?")
    return f"{address.rpartition('/')[0]}/migrations?{options}"


def tables(store: Store) -> set[str]:
    return set(inspect(store.engine).get_table_names()) - {"alembic_version"}


def test_the_migrations_make_what_the_models_say(empty: Store) -> None:
    migrate(empty)

    with empty.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_up_down_and_up_again_leaves_every_table_once(empty: Store) -> None:
    migrate(empty)
    there = tables(empty)
    migrate(empty, to="base")
    gone = tables(empty)
    migrate(empty)

    assert (gone, tables(empty)) == (set(), there)
    assert there == set(Base.metadata.tables)


def test_deals_stored_before_can_be_counted_by_what_they_state(empty: Store) -> None:
    migrate(empty, to="0005")
    stated = [{"field": "Reason", "value": "price", "label": "Price – zu hoch"}, {"field": "More", "value": " "}]
    connection = {
        "name": "a", "crm": "fake", "account_id": "1", "account_name": "", "state": "hold", "url": "", "zone": "UTC",
        "auth": "", "fields": "{}", "scope": "{}", "options": "{}", "described": "{}", "health": "[]", "notes": "full",
        "one_task_per_account": True, "account_sense": True, "created_at": "2026-11-01 00:00:00",
    }  # fmt: skip
    deal = {
        "connection_id": 1, "crm_deal_id": "d", "state": "lost", "name": "", "account_name": "", "close_month": "",
        "fingerprint": "", "record": json.dumps({"stated_reasons": stated}), "changed_at": "2026-11-01 00:00:00",
    }  # fmt: skip
    with empty.engine.begin() as tx:
        for table, row in (("connections", connection), ("deals", deal)):
            names, values = ", ".join(row), ", ".join(f":{name}" for name in row)
            tx.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), row)

    migrate(empty)

    with empty.engine.connect() as reading:
        assert reading.scalar(text("SELECT reason_key FROM deals")) == key_of_reasons([("Reason", "Price – zu hoch")])


def test_deals_stored_before_can_be_counted_by_country_industry_and_rival(empty: Store) -> None:
    migrate(empty, to="0013")
    said = {"competitor": "Acme", "record_type": "x" * 300, "account": {"country": "DE", "industry": None}}
    with empty.engine.begin() as tx:
        tx.execute(
            text(
                "INSERT INTO connections (id, name, crm, account_id, account_name, state, url, zone, auth, fields, "
                "scope, options, described, health, notes, one_task_per_account, account_sense, morning_hour, digest, "
                "digest_hour, created_at) VALUES (1, 'a', 'fake', '1', '', 'hold', '', 'UTC', '', '{}', '{}', '{}', "
                "'{}', '{}', 'full', true, true, 8, 'off', 8, '2026-11-01 00:00:00')"
            )
        )
        tx.execute(
            text(
                "INSERT INTO deals (connection_id, crm_deal_id, state, name, account_name, close_month, fingerprint, "
                "record, changed_at) VALUES (1, 'd', 'lost', '', '', '', '', :record, '2026-11-01 00:00:00')"
            ),
            {"record": json.dumps(said)},
        )

    migrate(empty)

    with empty.engine.connect() as reading:
        row = reading.execute(text("SELECT country, industry, competitor, record_type, pipeline FROM deals")).one()
    assert tuple(row) == ("DE", None, "Acme", "x" * 255, None)


def test_the_files_are_named_by_their_revisions_in_order() -> None:
    walked = [script.revision for script in migrations._scripts().walk_revisions()]
    assert migrations.known_revisions() == walked[::-1]


def test_migrating_twice_changes_nothing(empty: Store) -> None:
    assert migrate(empty) == migrate(empty) == in_revision(empty)


def test_a_first_start_makes_the_schema_by_itself(empty: Store) -> None:
    ensure_schema(empty, is_ours=False)

    assert tables(empty) == set(Base.metadata.tables)


def test_a_database_of_a_newer_version_is_refused_and_left_alone(empty: Store) -> None:
    migrate(empty)
    with empty.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(UsageFault, match="newer version"):
        ensure_schema(empty, is_ours=True)
    with pytest.raises(UsageFault, match="newer version"):
        migrate(empty)


def test_a_database_that_cannot_be_opened_is_named_with_the_remedy(tmp_path: Path) -> None:
    nowhere = open_store(f"sqlite:///{tmp_path / 'missing' / 'x.sqlite3'}")

    with pytest.raises(RekindleError, match=r"x\.sqlite3 cannot be opened"):
        ensure_schema(nowhere, is_ours=True)


@pytest.mark.slow
def test_a_postgresql_that_cannot_hold_every_text_is_named_with_the_remedy(postgres_url: str) -> None:
    server = open_store(postgres_url)
    with server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("DROP DATABASE IF EXISTS narrow"))
        connection.execute(
            text("CREATE DATABASE narrow ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
        )
    server.dispose()
    address, _, options = postgres_url.partition("?")
    store = open_store(f"{address.rpartition('/')[0]}/narrow?{options}")

    with pytest.raises(UsageFault, match=r"SQL_ASCII.*ENCODING 'UTF8'"):
        ensure_schema(store, is_ours=False)
    store.dispose()
