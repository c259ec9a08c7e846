"""Settings, from the environment or a TOML file. Every field is REKINDLE_<NAME> there, and <name> in the file.

The environment wins over the file. This is the only module that reads the environment.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, get_type_hints

from connectors.http import HttpSettings
from service.errors import UsageFault

PREFIX = "REKINDLE_"
DEFAULT_HOME = Path("~/.rekindle")
FILE_VARIABLE = "REKINDLE_CONFIG"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set. Waits are in seconds, so that fault tests can run in milliseconds."""

    home: Path = DEFAULT_HOME
    database_url: str = ""  # default: SQLite in home
    redis_url: str = ""  # default: an embedded Valkey in home
    secret_key: str = ""  # signs links and sessions; made in home where empty
    encryption_keys: tuple[str, ...] = ()  # Fernet keys; the first encrypts, all decrypt; made in home where empty
    base_url: str = ""
    hubspot_client_id: str = ""
    hubspot_client_secret: str = ""
    salesforce_client_id: str = ""
    salesforce_client_secret: str = ""
    smtp_url: str = ""
    log_format: str = "console"
    allow_private_addresses: bool = False
    lease_s: float = 30.0
    sync_lease_s: float = 300.0
    write_batch: int = 200
    max_write_attempts: int = 8
    http_connect_timeout_s: float = 10.0
    http_read_timeout_s: float = 60.0
    http_max_tries: int = 6
    http_backoff_s: float = 0.5
    http_backoff_cap_s: float = 30.0
    http_max_wait_s: float = 120.0
    ca_file: str = ""  # default: SSL_CERT_FILE and REQUESTS_CA_BUNDLE, both; else the shipped bundle

    @property
    def database(self) -> str:
        """The database address in force."""
        return self.database_url or f"sqlite:///{self.home / 'rekindle.sqlite3'}"

    @property
    def is_embedded_database(self) -> bool:
        """Whether the database is our own file in home."""
        return not self.database_url

    @property
    def http(self) -> HttpSettings:
        """The waits of the HTTP door."""
        return HttpSettings(
            connect_timeout_s=self.http_connect_timeout_s,
            read_timeout_s=self.http_read_timeout_s,
            max_tries=self.http_max_tries,
            backoff_s=self.http_backoff_s,
            backoff_cap_s=self.http_backoff_cap_s,
            max_wait_s=self.http_max_wait_s,
            ca_file=self.ca_file or None,
        )


def load_settings(environ: Mapping[str, str]) -> Settings:
    """The settings in force. Raises UsageFault naming the variable or the key that is wrong, and the remedy."""
    given = {**_from_file(environ.get(FILE_VARIABLE, "")), **_from_environment(environ)}
    kinds = get_type_hints(Settings)
    values = {name: _parse(kinds[name], text, source) for name, (text, source) in given.items()}
    values["home"] = Path(values.get("home", DEFAULT_HOME)).expanduser().absolute()
    values.setdefault("ca_file", _trusted(environ))
    settings = Settings(**values)
    _check(settings)
    return settings


def unknown_variables(environ: Mapping[str, str]) -> tuple[str, ...]:
    """REKINDLE_ variables that set nothing: probably misspelt."""
    known = {PREFIX + field.name.upper() for field in fields(Settings)} | {FILE_VARIABLE}
    return tuple(sorted(name for name in environ if name.startswith(PREFIX) and name not in known))


def _from_environment(environ: Mapping[str, str]) -> dict[str, tuple[Any, str]]:
    found: dict[str, tuple[Any, str]] = {}
    for field in fields(Settings):
        variable = PREFIX + field.name.upper()
        if environ.get(variable):
            found[field.name] = (environ[variable], variable)
    return found


def _from_file(name: str) -> dict[str, tuple[Any, str]]:
    if not name:
        return {}
    path = Path(name).expanduser()
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageFault(
            f"{FILE_VARIABLE} names {path}, which cannot be read: {error.strerror}.", remedy="Correct the name."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageFault(f"{path} is not valid TOML: {error}.") from error
    known = {field.name for field in fields(Settings)}
    for key in content:
        if key not in known:
            raise UsageFault(f"{path}: there is no setting {key!r}.", remedy=f"There are: {', '.join(sorted(known))}.")
    return {key: (value, f"{key} in {path}") for key, value in content.items()}


def _parse(kind: Any, value: Any, source: str) -> Any:
    """A setting's value in its own type; texts as the environment has them, or the file's own types."""
    try:
        if kind is Path:
            return Path(str(value))
        if kind is bool:
            return value if isinstance(value, bool) else _truth(str(value))
        if kind in (int, float):
            return kind(value)
        if kind is str:
            return str(value)
        return tuple(value) if isinstance(value, list) else tuple(filter(None, str(value).replace(",", " ").split()))
    except (TypeError, ValueError) as error:
        raise UsageFault(f"{source} is {value!r}, which is no {kind.__name__}.", remedy="Correct it.") from error


def _trusted(environ: Mapping[str, str]) -> str:
    """The certificate files that the two customary variables name.

    Both are trusted where both are set: machines often set one of them for good, and a person then names the
    authority of a server of their own in the other.
    """
    named = [name for name in (environ.get("SSL_CERT_FILE"), environ.get("REQUESTS_CA_BUNDLE")) if name]
    there = [name for name in named if Path(name).is_file()]
    return os.pathsep.join(dict.fromkeys(there or named[:1]))


def _truth(text: str) -> bool:
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if text.lower() not in words:
        raise ValueError(text)
    return words[text.lower()]


def _check(settings: Settings) -> None:
    if settings.log_format not in ("console", "json"):
        raise UsageFault(f"REKINDLE_LOG_FORMAT is {settings.log_format!r}.", remedy="It is console or json.")
    for name in filter(None, settings.ca_file.split(os.pathsep)):
        if not Path(name).is_file():
            raise UsageFault(
                f"The certificate bundle {name} does not exist.",
                remedy="Correct SSL_CERT_FILE or REQUESTS_CA_BUNDLE, or unset it.",
            )
