"""The key that signs links, and signing with it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import tomllib

from service.config import Settings
from service.security.keyring import KEY_FILE

SECRET_FILE = "secret_key"  # noqa: S105 -- a name, no secret
MAC_BYTES = 24


class Signer:
    """Signs texts for one purpose; a signature for one purpose is none for another."""

    def __init__(self, secret: str, purpose: str) -> None:
        self._key = hashlib.sha256(f"{purpose}\n{secret}".encode()).digest()

    def sign(self, text: str) -> str:
        """The text with its signature, in letters that an address may hold."""
        return f"{_word(text.encode())}.{_word(self._mac(text))}"

    def read(self, token: str) -> str | None:
        """What was signed; None for anything that `sign` did not give. Any text will do."""
        try:
            body, mac = (_bytes(part) for part in token.split("."))
            text = body.decode()
        except ValueError:
            return None
        return text if hmac.compare_digest(mac, self._mac(text)) and self.sign(text) == token else None

    def _mac(self, text: str) -> bytes:
        return hmac.digest(self._key, text.encode(), "sha256")[:MAC_BYTES]


def load_secret(settings: Settings) -> str:
    """The secret of the settings, else that of home, made there where there is none."""
    if settings.secret_key:
        return settings.secret_key
    keys = settings.home / KEY_FILE
    if keys.exists():
        found = tomllib.loads(keys.read_text(encoding="utf-8")).get("secret_key")
        if isinstance(found, str) and found:
            return found
    return _made(settings)


def _made(settings: Settings) -> str:
    """The encryption keys may be in the environment, and home hold none: then the secret is a file of its own."""
    path = settings.home / SECRET_FILE
    draft = path.with_name(f".{SECRET_FILE}.{secrets.token_hex(4)}")
    if not path.exists():
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(draft, path)  # whole or not at all; where another process was first, its secret counts
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="ascii")


def _word(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(word: str) -> bytes:
    return base64.b64decode(word + "=" * (-len(word) % 4), altchars=b"-_", validate=True)
