"""Databases of both kinds to keep, and a book to keep in them."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson
from cryptography.fernet import Fernet
from sqlalchemy import inspect, text

from mappings.model import Note, Purpose
from service.keeping.backup import backup
from service.security.keyring import Keyring
from service.store.session import Store, open_store
from tests.integration.world import NOW, World, step
from tests.tables import with_tables

KEY = Fernet.generate_key().decode()
SECRET = "a refresh token nobody may read"


def address(kind: str, folder: Path, postgres_url: str = "", name: str = "keeping") -> str:
    """The address of an empty database of that kind."""
    if kind == "sqlite":
        return f"sqlite:///{folder / name}.sqlite3"
    server = open_store(postgres_url)
    with server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    server.dispose()
    start, _, options = postgres_url.partition("?")
    return f"{start.rpartition('/')[0]}/{name}?{options}"


@contextmanager
def opened(url: str) -> Iterator[Store]:
    """The store at that address, for as long as the block runs."""
    store = open_store(url)
    try:
        yield store
    finally:
        store.dispose()


def filled(store: Store, *, deals: int = 30) -> World:
    """A live connection with tasks and fields written, some ended, some waiting, and every kind of secret."""
    with_tables(store)
    world = World(store)
    for number in range(deals):
        words = f'Straße {number} 🧊, "quoted" and \\n'
        world.lose(
            f"D{number}",
            step(date(2026, 11, 20 + number % 8)),
            step(date(2027, 5, 3), Purpose.LAST_OFFER),
            name=words,
            notes=(Note(field="Notes", text=f"{words}: call back in May 2027"),),
        )
    world.work()
    world.end("D1", "won", "They came back.")
    ring = Keyring([KEY])
    world.set(
        credentials=ring.encrypt({"token": SECRET}),
        token=ring.encrypt({"refresh_token": SECRET}),
        webhook_keys=ring.encrypt({"token": SECRET}),
        slack=ring.encrypt({"url": SECRET}),
    )
    return world


def content(store: Store, folder: Path, *, now: datetime = NOW) -> dict[str, list[Any]]:
    """Every row of every table that is kept, with documents read: equal where the databases say the same."""
    file = folder / "content.rekindle"
    backup(store, file, now=now)
    tables: dict[str, list[Any]] = {}
    name, columns = "", list[str]()
    for line in gzip.decompress(file.read_bytes()).splitlines():
        told = orjson.loads(line)
        if isinstance(told, list):
            row = dict(zip(columns, map(_plain, told), strict=True))
            tables[name].append(row)
        elif "table" in told:
            name, columns = told["table"], told["columns"]
            tables[name] = []
    return tables


def _plain(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(("{", "[")):
        return orjson.loads(value)
    return value


COPIED = ("deals", "episodes", "classifications", "plans", "reminders")
"""The tables of a book, those referred to first."""


def multiplied(store: Store, times: int) -> None:
    """Every deal that is stored, that often: with its episodes, plans and reminders, and without tasks."""
    if times < 2:
        return
    with store.engine.begin() as connection:
        step = 1 + max(
            connection.scalar(text(f"SELECT max(id) FROM {name}")) for name in ("deals", "episodes", "reminders")
        )
        for name in COPIED:
            there = [one["name"] for one in inspect(connection).get_columns(name)]
            values = ", ".join(_shifted(column) for column in there)
            numbers = "WITH RECURSIVE copies(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < :last)"
            statement = f"INSERT INTO {name} ({', '.join(there)}) {numbers} SELECT {values} FROM {name}, copies"
            connection.execute(text(statement), {"last": times - 1, "step": step})


def _shifted(column: str) -> str:
    """The column's value in the n-th copy."""
    if column in {"id", "deal_id", "episode_id"}:
        return f"{column} + n * :step"
    if column in {"crm_deal_id", "key"}:
        return f"{column} || '-' || n"
    return column
