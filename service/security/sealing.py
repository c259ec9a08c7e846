"""Text that only who knows a secret can read again; the secret itself is kept nowhere."""

from __future__ import annotations

import base64
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken

_PURPOSE = b"rekindle sealed answer\x00"


def seal(text: bytes, *, secret: str) -> str:
    """The text under a key made of the secret, which must hold enough chance of its own: a token, not a password."""
    return _box(secret).encrypt(text).decode("ascii")


def unseal(sealed: str, *, secret: str) -> bytes | None:
    """The text again, or None where the secret is another one."""
    try:
        return _box(secret).decrypt(sealed.encode("ascii"))
    except InvalidToken:
        return None


def _box(secret: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(sha256(_PURPOSE + secret.encode("utf-8", "surrogatepass")).digest()))
