"""From the first schema to this one, with a book in it: all is kept. And no migration takes anything away."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from sqlalchemy import Connection, select

from service.keeping.tables import kept_tables, read_rows, write_rows
from service.store.migrate import in_revision, latest_revision, migrate
from service.store.migrations import versions
from service.store.models import Base, ConnectionRow, DealRow, ReminderRow
from service.store.session import Store
from tests.integration.keeping_world import address, filled, multiplied, opened

FIRST = "0001"
MIGRATIONS = sorted(Path(versions.__file__).parent.glob("0*.py"))
CONTRACTING: dict[str, str] = {}
"""Migrations that may take something away, by file name, with the release that stopped using it."""

Columns = dict[str, list[str]]


def fill_as_of_the_first(target: Store, folder: Path, *, deals: int) -> None:
    """A book as the first version held it: today's rows, in the tables and columns that there were."""
    with opened(f"sqlite:///{folder / 'today.sqlite3'}") as source:
        filled(source, deals=20)
        multiplied(source, deals // 20)
        migrate(target, to=FIRST)
        with source.engine.connect() as reading, target.engine.begin() as writing:
            for table, names in kept_tables(writing):
                rows = [orjson.loads(row) for row in read_rows(reading, table, names)]
                for start in range(0, len(rows), 5000):
                    write_rows(writing, table, names, rows[start : start + 5000])


def columns_of(connection: Connection) -> Columns:
    return {table.name: names for table, names in kept_tables(connection)}


def content_of(store: Store, columns: Columns) -> dict[str, tuple[int, str]]:
    """How many rows each table has, and what is in these columns of them."""
    found = {}
    with store.engine.connect() as connection:
        for name, names in columns.items():
            digest, count = hashlib.sha256(), 0
            for row in read_rows(connection, Base.metadata.tables[name], names):
                digest.update(row)
                count += 1
            found[name] = (count, digest.hexdigest())
    return found


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty database of either kind."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    with opened(address(request.param, tmp_path, url, "upgrading")) as store:
        yield store


@pytest.mark.parametrize("deals", [2_000, pytest.param(30_000, marks=pytest.mark.slow)])
def test_an_upgrade_from_the_first_schema_keeps_everything(old: Store, tmp_path: Path, deals: int) -> None:
    fill_as_of_the_first(old, tmp_path, deals=deals)
    with old.engine.connect() as connection:
        columns = columns_of(connection)
    before = content_of(old, columns)

    migrate(old)

    assert in_revision(old) == latest_revision()
    assert content_of(old, columns) == before
    assert before["deals"][0] == deals
    assert before["task_refs"][0] > 0


def test_going_back_a_version_and_forth_again_keeps_the_book(old: Store, tmp_path: Path) -> None:
    fill_as_of_the_first(old, tmp_path, deals=20)
    with old.engine.connect() as connection:
        columns = columns_of(connection)
    before = content_of(old, columns)

    for revision in ("head", FIRST, "head"):
        migrate(old, to=revision)

        assert content_of(old, columns) == before


def test_what_an_upgrade_adds_says_nothing_of_what_was_there(old: Store, tmp_path: Path) -> None:
    fill_as_of_the_first(old, tmp_path, deals=20)
    migrate(old)

    with old.read() as tx:
        rows = tx.scalars(select(ReminderRow)).all()
        assert {row.is_announced for row in rows} == {False}
        assert {row.has_told for row in tx.scalars(select(DealRow))} == {False}
        assert {row.remembers_since for row in tx.scalars(select(ConnectionRow))} == {None}


@pytest.mark.parametrize("file", MIGRATIONS[1:], ids=lambda file: file.stem)
def test_a_migration_only_adds(file: Path) -> None:
    """The version before goes on working while, and after, the schema changes: so nothing it uses may go."""
    (upgrade,) = (
        node
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.FunctionDef) and node.name == "upgrade"
    )

    assert not taken_away(upgrade) or file.stem in CONTRACTING, taken_away(upgrade)


def taken_away(upgrade: ast.FunctionDef) -> list[str]:
    """What of an upgrade a version before it could stumble over."""
    found = []
    for node in ast.walk(upgrade):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            given = {one.arg for one in node.keywords}
            if node.func.attr in {"drop_table", "drop_column", "rename_table", "drop_constraint"}:
                found.append(node.func.attr)
            elif node.func.attr == "alter_column" and given & {"new_column_name", "type_", "nullable"}:
                found.append("alter_column")
            elif node.func.attr == "add_column" and _is_demanding(node):
                found.append("a column that rows of the version before do not fill")
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            words = node.value.upper().split()
            found += [word for word in ("DROP", "RENAME") if word in words and "INDEX" not in words]
    return found


def _is_demanding(add: ast.Call) -> bool:
    """Whether it adds a column that must be given and has no default in the database."""
    columns = (node for node in ast.walk(add) if isinstance(node, ast.Call) and node is not add)
    for column in columns:
        given = {one.arg: one.value for one in column.keywords}
        nullable = given.get("nullable")
        if isinstance(nullable, ast.Constant) and nullable.value is False and "server_default" not in given:
            return True
    return False


@pytest.mark.parametrize(
    "line",
    [
        "op.drop_column('deals', 'name')",
        "batch_op.alter_column('name', new_column_name='title')",
        "op.rename_table('deals', 'losses')",
        "op.execute('ALTER TABLE deals DROP COLUMN name')",
        "op.add_column('deals', sa.Column('x', sa.Integer(), nullable=False))",
    ],
)
def test_what_would_take_something_away_is_seen(line: str) -> None:
    (upgrade,) = ast.parse(f"def upgrade() -> None:\n    {line}\n").body

    assert isinstance(upgrade, ast.FunctionDef)
    assert taken_away(upgrade)
