"""New keys: every secret is sealed anew, or none; the old key opens what is left until it is dropped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import String, insert, select

from service.config import Settings
from service.errors import UsageFault
from service.keeping.rotate import forget_old_keys, rotate_key
from service.security.keyring import Keyring, fingerprint, load_keyring
from service.store.models import Base, ConnectionRow, SignInRow, UserRow
from service.store.sealed import sealed_columns, stored_ciphertexts
from service.store.session import Store
from tests.integration.keeping_world import address, opened
from tests.integration.world import NOW, World
from tests.tables import with_tables

ROOT = Path(__file__).parents[3]
CIPHERTEXT = re.compile(r"^[0-9a-f]{8}\.gAAAA")


@pytest.fixture(params=["sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    with opened(address(request.param, tmp_path, url, "keys")) as store:
        with_tables(store)
        yield store


@pytest.fixture
def own(tmp_path: Path) -> Settings:
    """An installation that made its own keys."""
    settings = Settings(home=tmp_path / "home")
    load_keyring(settings, ciphertexts=[])
    return settings


def seal_everything(store: Store, ring: Keyring) -> int:
    """Put a secret into every column that is there for one."""
    World(store)
    sign_in = {
        "state_hash": "s", "session_hash": "t", "crm": "fake", "name": "n", "url": "", "verifier": "",
        "created_at": NOW,
    }  # fmt: skip
    with store.begin() as tx:
        tx.execute(insert(SignInRow).values(**sign_in))
        tx.execute(insert(UserRow).values(email="ann@seller.example", role="admin", created_at=NOW))
        for table, column in sealed_columns():
            tx.execute(table.update().values({column.name: ring.encrypt({"secret": f"{table.name}.{column.name}"})}))
    return len(sealed_columns())


def ciphertexts(store: Store) -> dict[str, str]:
    """Whatever looks like a ciphertext, wherever it stands."""
    found = {}
    with store.read() as tx:
        for table in Base.metadata.sorted_tables:
            for column in table.columns:
                if isinstance(column.type, String) or column.type.__class__.__name__ in {
                    "Sealed",
                    "LongWords",
                    "Words",
                }:
                    for value in tx.scalars(select(column).where(column.is_not(None))):
                        if CIPHERTEXT.match(value):
                            found[f"{table.name}.{column.name}"] = value
    return found


def test_every_secret_is_sealed_with_the_new_key_and_opens_with_it_alone(kept: Store, own: Settings) -> None:
    count = seal_everything(kept, load_keyring(own, ciphertexts=[]))
    before = ciphertexts(kept)

    report = rotate_key(kept, own)
    dropped = forget_old_keys(kept, own)

    after = ciphertexts(kept)
    assert (report.sealed, dropped.sealed, dropped.dropped) == (count, 0, 1)
    assert before.keys() == after.keys() == {f"{table.name}.{column.name}" for table, column in sealed_columns()}
    assert {value.partition(".")[0] for value in after.values()} == {report.key}
    assert {value.partition(".")[0] for value in before.values()}.isdisjoint({report.key})
    ring = load_keyring(own, ciphertexts=list(after.values()))
    assert {place: ring.decrypt(value)["secret"] for place, value in after.items()} == {one: one for one in after}


def test_whatever_the_code_encrypts_goes_into_a_column_for_it() -> None:
    """A secret in a column of another type would be lost with the key it was sealed with."""
    sealed = {column.name for _, column in sealed_columns()}
    elsewhere = {
        "service/store/tokens.py": "token",
        "service/connections/settings.py": "slack",
        "service/keeping/rotate.py": "every one of them",
    }
    unknown = []
    for file in sorted((ROOT / "service").rglob("*.py")):
        for line in file.read_text(encoding="utf-8").splitlines():
            start, found, _ = line.partition("encrypt(")
            if "ring." not in start or not found or str(file.relative_to(ROOT)) in elsewhere:
                continue
            target = start.partition("=")[0].strip().rpartition(".")[2]
            unknown += [] if target in sealed else [f"{file.relative_to(ROOT)}: {line.strip()}"]

    assert unknown == []


def test_a_process_that_runs_on_reads_what_was_sealed_anew(kept: Store, own: Settings) -> None:
    running = load_keyring(own, ciphertexts=[])
    seal_everything(kept, running)

    report = rotate_key(kept, own)

    with kept.read() as tx:
        token = tx.scalars(select(ConnectionRow.token)).one()
    assert running.decrypt(token or "") == {"secret": "connections.token"}
    assert running.first == report.key


def test_what_a_running_process_sealed_with_the_old_key_is_sealed_anew_before_that_is_dropped(
    kept: Store, own: Settings
) -> None:
    running = load_keyring(own, ciphertexts=[])
    count = seal_everything(kept, running)
    rotate_key(kept, own)
    with kept.begin() as tx:
        tx.execute(Base.metadata.tables["connections"].update().values(token=running.encrypt({"secret": "late"})))

    assert forget_old_keys(kept, own).sealed == 1
    with kept.read() as tx:
        load_keyring(own, ciphertexts=list(stored_ciphertexts(tx.connection())))
    assert count > 1


def test_a_rotation_that_was_stopped_changes_nothing_and_goes_on_with_the_same_key(
    kept: Store, own: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = seal_everything(kept, load_keyring(own, ciphertexts=[]))
    before = ciphertexts(kept)
    seals = Keyring.encrypt
    calls: list[object] = []

    def dies_at_the_third(self: Keyring, value: dict[str, str]) -> str:
        calls.append(value)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return seals(self, value)

    with monkeypatch.context() as patch:
        patch.setattr(Keyring, "encrypt", dies_at_the_third)
        with pytest.raises(KeyboardInterrupt):
            rotate_key(kept, own)
    assert ciphertexts(kept) == before
    made = load_keyring(own, ciphertexts=list(before.values())).first

    report = rotate_key(kept, own)

    assert (report.key, report.sealed) == (made, count)


def test_the_key_file_stays_the_owners_alone_and_keeps_the_signing_secret(kept: Store, own: Settings) -> None:
    file = own.home / "keys.toml"
    secret = [line for line in file.read_text().splitlines() if line.startswith("secret_key")]
    seal_everything(kept, load_keyring(own, ciphertexts=[]))

    rotate_key(kept, own)

    assert file.stat().st_mode & 0o077 == 0
    assert [line for line in file.read_text().splitlines() if line.startswith("secret_key")] == secret
    assert [one.name for one in own.home.iterdir()] == [file.name]


def test_an_operators_own_keys_are_rotated_by_putting_a_new_one_first(kept: Store, tmp_path: Path) -> None:
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    count = seal_everything(kept, Keyring([old]))
    with pytest.raises(UsageFault, match="Put a new key before it"):
        rotate_key(kept, Settings(home=tmp_path, encryption_keys=(old,)))

    report = rotate_key(kept, Settings(home=tmp_path, encryption_keys=(new, old)))

    assert (report.key, report.sealed) == (fingerprint(new), count)
    assert not (tmp_path / "keys.toml").exists()
    load_keyring(Settings(home=tmp_path, encryption_keys=(new,)), ciphertexts=list(ciphertexts(kept).values()))
