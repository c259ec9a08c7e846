"""Encryption of credentials at rest, and where its keys live.

A ciphertext starts with the fingerprint of its key, so that a lost or wrong key can be named. No key is ever made
while the database holds ciphertext: a new key could read nothing, and would only hide that the old one is gone.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import orjson
from cryptography.fernet import Fernet, InvalidToken

from service.config import Settings
from service.errors import UsageFault

KEY_FILE = "keys.toml"


class Keyring:
    """Encrypts with the first key and decrypts with any."""

    def __init__(self, keys: Sequence[str], *, source: str = "REKINDLE_ENCRYPTION_KEYS") -> None:
        self._keys = {fingerprint(key): _fernet(key, source) for key in keys}
        self._first = fingerprint(keys[0])

    def encrypt(self, value: Mapping[str, str]) -> str:
        """A mapping of texts as ciphertext."""
        token = self._keys[self._first].encrypt(orjson.dumps(dict(value)))
        return f"{self._first}.{token.decode()}"

    def decrypt(self, ciphertext: str) -> dict[str, str]:
        """What `encrypt` was given. Raises UsageFault naming the key that is missing."""
        name, _, token = ciphertext.partition(".")
        if name not in self._keys:
            raise _missing({name})
        try:
            content: dict[str, str] = orjson.loads(self._keys[name].decrypt(token.encode()))
        except InvalidToken as error:
            raise UsageFault(
                f"A stored credential does not open with its key {name}: it was changed or cut.",
                remedy="Run `rekindle connect` again for that connection.",
            ) from error
        return content

    def check(self, ciphertexts: Iterable[str]) -> None:
        """Raise UsageFault if some ciphertext was made with a key that is not here."""
        missing = set(names_of(ciphertexts)) - self._keys.keys()
        if missing:
            raise _missing(missing)


def fingerprint(key: str) -> str:
    """A key's public name: the first eight hexadecimal digits of its SHA-256."""
    return hashlib.sha256(key.encode()).hexdigest()[:8]


def names_of(ciphertexts: Iterable[str]) -> tuple[str, ...]:
    """The fingerprints of the keys that these were made with."""
    return tuple(sorted({text.partition(".")[0] for text in ciphertexts}))


def load_keyring(settings: Settings, *, ciphertexts: Sequence[str]) -> Keyring:
    """The keys of the settings, else those in home, else (only where nothing is encrypted yet) new ones."""
    keys = settings.encryption_keys or _keys_in(settings.home)
    source = "REKINDLE_ENCRYPTION_KEYS" if settings.encryption_keys else str(settings.home / KEY_FILE)
    if not keys:
        if ciphertexts:
            raise _missing(set(names_of(ciphertexts)))
        keys = (_make_keys(settings.home),)
    keyring = Keyring(keys, source=source)
    keyring.check(ciphertexts)
    return keyring


def check_names(settings: Settings, names: Sequence[str]) -> None:
    """Raise UsageFault, naming it, if a key of these fingerprints is neither in the settings nor in home."""
    there = {fingerprint(key) for key in settings.encryption_keys or _keys_in(settings.home)}
    if missing := set(names) - there:
        raise _missing(missing)


def _fernet(key: str, source: str) -> Fernet:
    try:
        return Fernet(key)
    except ValueError as error:
        raise UsageFault(
            f"{source} holds something that is no encryption key.",
            remedy="A key is 32 bytes in URL-safe base64; several are separated by commas.",
        ) from error


def _missing(names: set[str]) -> UsageFault:
    return UsageFault(
        f"The encryption key {', '.join(sorted(names))} is not here, and stored credentials need it.",
        remedy=f"Put it back in REKINDLE_ENCRYPTION_KEYS, or restore {KEY_FILE} in REKINDLE_HOME.",
    )


def _keys_in(home: Path) -> tuple[str, ...]:
    path = home / KEY_FILE
    if not path.exists():
        return ()
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageFault(
            f"The key file {path} cannot be read: {error.strerror}.", remedy="Restore it from your copy."
        ) from error
    except ValueError as error:  # no UTF-8, or no TOML; what it says could hold a part of a key
        raise UsageFault(f"The key file {path} is damaged.", remedy="Restore it from your copy.") from error
    keys = content.get("encryption_keys")
    if not isinstance(keys, list) or not keys or not all(isinstance(key, str) for key in keys):
        raise UsageFault(f"The key file {path} holds no list encryption_keys.", remedy="Restore it from your copy.")
    return tuple(keys)


def _make_keys(home: Path) -> str:
    """Make the keys and keep them in home with mode 0600, whole or not at all."""
    key = Fernet.generate_key().decode()
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = home / KEY_FILE
    content = f'encryption_keys = ["{key}"]\nsecret_key = "{secrets.token_urlsafe(48)}"\n'
    draft = path.with_name(f".{KEY_FILE}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)  # fails where another process was first; its key then counts
        except FileExistsError:
            return _keys_in(home)[0]
    finally:
        draft.unlink(missing_ok=True)
    return key
