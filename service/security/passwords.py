"""Passwords at rest (scrypt), tokens and codes that are kept only as a hash."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from functools import lru_cache
from pathlib import Path

from service.errors import UsageFault
from service.security.breached import is_breached

LEAST_LENGTH = 12
MOST_LENGTH = 1024
# OWASP's password storage cheat sheet: scrypt with N=2^16, r=8, p=2 is one of its equal choices (64 MiB).
_N, _R, _P = 2**16, 8, 2
_MEMORY_BYTES = 128 * _N * _R * 2
_BETTER = "Take several words that do not belong together."
_COMMON = Path(__file__).with_name("common_passwords.txt")
_COMMON_PARTS = ("password", "passwort", "rekindle", "qwerty", "letmein", "welcome", "iloveyou", "123456", "abcdef")


def hash_password(password: str) -> str:
    """The password as it is kept: scheme, cost, salt and hash."""
    salt = os.urandom(16)
    return f"scrypt${_N}${_R}${_P}${_text(salt)}${_text(_scrypt(password, salt, _N, _R, _P))}"


def is_password(password: str, kept: str | None) -> bool:
    """Whether this is the password that was kept. Takes as long where none is kept, so that time tells nothing."""
    if len(password) > MOST_LENGTH:
        return False
    scheme, n, r, p, salt, known = (kept or _NOBODY).split("$")
    found = _scrypt(password, _bytes(salt), int(n), int(r), int(p))
    return hmac.compare_digest(found, _bytes(known)) and scheme == "scrypt" and kept is not None


def check_new_password(password: str, *, email: str, breached: str = "") -> None:
    """Raise UsageFault saying what is wrong with a password that somebody wants to set.

    `breached` names the operator's own list of breached passwords, if there is one.
    """
    if not LEAST_LENGTH <= len(password) <= MOST_LENGTH:
        raise UsageFault(f"The password has {len(password)} characters.", remedy=f"Take at least {LEAST_LENGTH}.")
    plain = password.casefold()
    own = [part for part in email.casefold().replace("@", ".").split(".") if len(part) > 3]
    rest = plain
    for part in (*_COMMON_PARTS, *own):
        rest = rest.replace(part, "")
    if len(rest.strip("0123456789!. ")) < 5 or len(set(plain)) < 6 or _is_common(plain):
        raise UsageFault("That password is easily guessed.", remedy=_BETTER)
    if is_breached(password, listed=breached):
        says = "That password was found in a breach of another service, so it is among the first that are tried."
        raise UsageFault(says, remedy=f"{_BETTER} Change it wherever else you use it.")


def _is_common(plain: str) -> bool:
    """Whether its letters are those of a common password, once or repeated: digits and signs around it add little."""
    letters = "".join(sign for sign in plain if sign.isalpha())
    times = [n for n in range(1, 5) if len(letters) % n == 0 and letters == letters[: len(letters) // n] * n]
    return any(letters[: len(letters) // n] in _common() for n in times)


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    return frozenset(_COMMON.read_text(encoding="utf-8").splitlines())


def new_token(prefix: str) -> str:
    """A secret of 256 bits that names its kind, such as rk_api_..."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def new_code() -> str:
    """A one-time code to be typed: 28 letters and digits in groups, 140 bits, none that look alike."""
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(7))


def token_hash(token: str) -> str:
    """What is kept of a token or code. They are random, so a plain SHA-256 is enough."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    secret = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(secret, salt=salt, n=n, r=r, p=p, maxmem=_MEMORY_BYTES, dklen=32)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)


_NOBODY = f"scrypt${_N}${_R}${_P}${_text(bytes(16))}${_text(bytes(32))}"
