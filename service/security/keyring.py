"""Encryption of credentials at rest, and where its keys live.

A ciphertext starts with the fingerprint of its key, so that a lost or wrong key can be named. No key is ever made
while the database holds ciphertext: a new key could read nothing, and would only hide that the old one is gone.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

import orjson
from cryptography.fernet import Fernet, InvalidToken

from service.config import Settings
from service.errors import UsageFault

KEY_FILE = "keys.toml"


class Keyring:
    """Encrypts with the first key and decrypts with any.

    `reload` gives the keys as they are now: another process may have made a new one while this one was running.
    """

    def __init__(
        self,
        keys: Sequence[str],
        *,
        source: str = "REKINDLE_ENCRYPTION_KEYS",
        reload: Callable[[], Sequence[str]] | None = None,
    ) -> None:
        self._source = source
        self._reload = reload
        self._take(keys)

    @property
    def first(self) -> str:
        """The fingerprint of the key that encrypts."""
        return self._first

    def encrypt(self, value: Mapping[str, str]) -> str:
        """A mapping of texts as ciphertext."""
        token = self._keys[self._first].encrypt(orjson.dumps(dict(value)))
        return f"{self._first}.{token.decode()}"

    def decrypt(self, ciphertext: str) -> dict[str, str]:
        """What `encrypt` was given. Raises UsageFault naming the key that is missing."""
        name, _, token = ciphertext.partition(".")
        if name not in self._keys and self._reload is not None:
            self._take(self._reload())
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

    def _take(self, keys: Sequence[str]) -> None:
        if keys:
            self._keys = {fingerprint(key): _fernet(key, self._source) for key in keys}
            self._first = fingerprint(keys[0])


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
    reload = None if settings.encryption_keys else partial(_keys_in, settings.home)
    keyring = Keyring(keys, source=source, reload=reload)
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


def add_key(home: Path) -> None:
    """Put a new key before those of the key file: from now on it encrypts."""
    _put_keys(home, (Fernet.generate_key().decode(), *_keys_in(home)))


def drop_old_keys(home: Path) -> int:
    """Leave only the key that encrypts in the key file; how many went."""
    keys = _keys_in(home)
    if len(keys) > 1:
        _put_keys(home, keys[:1])
    return max(len(keys) - 1, 0)


def _put_keys(home: Path, keys: Sequence[str]) -> None:
    """Replace the keys of the key file, whole or not at all; what else it holds stays."""
    path = home / KEY_FILE
    content = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    others = {name: value for name, value in content.items() if name != "encryption_keys"}
    lines = [f"{name} = {orjson.dumps(value).decode()}" for name, value in others.items()]
    text = "\n".join([f"encryption_keys = {orjson.dumps(list(keys)).decode()}", *lines, ""])
    draft = path.with_name(f".{KEY_FILE}.{secrets.token_hex(4)}")
    try:
        _write_new(draft, text)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _write_new(path: Path, content: str) -> None:
    """A new file for its owner alone, on the disk when this returns."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _make_keys(home: Path) -> str:
    """Make the keys and keep them in home with mode 0600, whole or not at all."""
    key = Fernet.generate_key().decode()
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = home / KEY_FILE
    content = f'encryption_keys = ["{key}"]\nsecret_key = "{secrets.token_urlsafe(48)}"\n'
    draft = path.with_name(f".{KEY_FILE}.{secrets.token_hex(4)}")
    try:
        _write_new(draft, content)
        try:
            os.link(draft, path)  # fails where another process was first; its key then counts
        except FileExistsError:
            return _keys_in(home)[0]
    finally:
        draft.unlink(missing_ok=True)
    return key
