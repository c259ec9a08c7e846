"""Keys: made once where nothing is encrypted, never where something is, and named when missing."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from service.config import Settings
from service.errors import UsageFault
from service.security.keyring import KEY_FILE, Keyring, fingerprint, load_keyring


def test_a_first_start_makes_a_key_that_only_the_owner_can_read(tmp_path: Path) -> None:
    keyring = load_keyring(Settings(home=tmp_path), ciphertexts=[])

    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert load_keyring(Settings(home=tmp_path), ciphertexts=[]).decrypt(keyring.encrypt({"a": "b"})) == {"a": "b"}


def test_no_key_is_made_while_the_database_holds_ciphertext(tmp_path: Path) -> None:
    key = Fernet.generate_key().decode()
    ciphertext = Keyring([key]).encrypt({"token": "secret"})

    with pytest.raises(UsageFault, match=fingerprint(key)):
        load_keyring(Settings(home=tmp_path), ciphertexts=[ciphertext])
    assert not (tmp_path / KEY_FILE).exists()


def test_a_wrong_key_fails_the_start_and_names_the_one_that_is_missing(tmp_path: Path) -> None:
    lost, other = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    ciphertext = Keyring([lost]).encrypt({"token": "secret"})

    with pytest.raises(UsageFault, match=fingerprint(lost)):
        load_keyring(Settings(home=tmp_path, encryption_keys=(other,)), ciphertexts=[ciphertext])


def test_after_a_rotation_the_former_key_still_decrypts() -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    ciphertext = Keyring([old]).encrypt({"token": "secret"})

    rotated = Keyring([new, old])

    assert rotated.decrypt(ciphertext) == {"token": "secret"}
    assert rotated.encrypt({"a": "b"}).startswith(fingerprint(new))


def test_a_key_that_is_none_is_refused_with_its_form() -> None:
    with pytest.raises(UsageFault, match="base64"):
        Keyring(["hello"])


def test_the_ciphertext_does_not_hold_the_secret() -> None:
    assert "secret" not in Keyring([Fernet.generate_key().decode()]).encrypt({"token": "secret"})
