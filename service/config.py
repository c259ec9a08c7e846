"""Settings, from the environment or a TOML file. Every field is REKINDLE_<NAME> there, and <name> in the file.

The environment wins over the file. This is the only module that reads the environment.
"""

from __future__ import annotations

import ipaddress
import math
import os
import ssl
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, get_type_hints

from connectors.http_settings import HttpSettings
from service.errors import UsageFault

PREFIX = "REKINDLE_"
DEFAULT_HOME = Path("~/.rekindle")
FILE_VARIABLE = "REKINDLE_CONFIG"
AT_LEAST_ONE = frozenset(
    {
        "http_max_tries",
        "inbox_batch",
        "inbox_max_attempts",
        "max_write_attempts",
        "web_threads",
        "web_workers",
        "workers",
        "write_batch",
    }
)
KINDS = {int: "whole number", float: "number", bool: "yes or no (true or false)", str: "text", Path: "path"}


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
    oidc_issuer: str = ""  # empty: no sign-in by OpenID Connect
    oidc_client_id: str = ""
    oidc_client_secret: str = ""  # empty: a public client, by PKCE alone
    oidc_label: str = "your company's account"
    oidc_email_verified: str = "required"  # or if_sent: an address counts where the issuer never says email_verified
    oidc_acr: tuple[str, ...] = ()  # strengths of sign-in that count; any where empty
    oidc_max_age_s: float = 0.0  # how long ago the person may have signed in there; 0: at any time
    oidc_only: bool = False  # no password lets anybody in
    breached_passwords: str = ""  # a file of SHA-1s, ordered, beside the shipped list
    smtp_url: str = ""
    log_format: str = "console"
    allow_private_addresses: bool = False
    lease_s: float = 30.0
    sync_lease_s: float = 90.0
    write_batch: int = 200
    max_write_attempts: int = 50
    write_backoff_cap_s: float = 900.0
    patience_s: float = 150.0
    workers: int = 2
    sweep_s: float = 15.0
    sync_every_s: float = 900.0  # 0: never by itself; a connection may have its own
    read_back_every_s: float = 300.0  # 0: only with each sync
    start_timeout_s: float = 30.0
    stop_timeout_s: float = 8.0
    http_connect_timeout_s: float = 10.0
    http_read_timeout_s: float = 60.0
    http_max_tries: int = 6
    http_backoff_s: float = 0.5
    http_backoff_cap_s: float = 30.0
    http_max_wait_s: float = 120.0
    trusted_proxies: tuple[str, ...] = ()  # addresses or networks whose X-Forwarded-* headers count
    hubspot_signature_v1: bool = False
    webhook_max_bytes: int = 8 * 1024 * 1024
    webhook_commit_timeout_s: float = 4.0
    webhook_directory_s: float = 1.0
    webhook_overlap_s: float = 86_400.0
    inbox_batch: int = 500
    inbox_max_attempts: int = 12
    inbox_backoff_s: float = 2.0
    inbox_backoff_cap_s: float = 900.0
    inbox_flood: int = 100
    inbox_flood_quiet_s: float = 2.0
    inbox_keep_days: int = 7
    runs_keep_days: int = 400
    web_workers: int = 2
    web_threads: int = 8
    ca_file: str = ""  # default: SSL_CERT_FILE and REQUESTS_CA_BUNDLE, both; else the shipped bundle

    @property
    def database(self) -> str:
        """The database address in force."""
        return self.database_url or f"sqlite:///{self.home / 'rekindle.sqlite3'}"

    @property
    def is_embedded_database(self) -> bool:
        """Whether the database is our own file in home."""
        return not self.database_url

    def app_secrets(self, crm: str) -> tuple[str, ...]:
        """The secrets of this installation's own app at a CRM, if it has one."""
        return tuple(filter(None, [getattr(self, f"{crm}_client_secret", "")]))

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
            f"{FILE_VARIABLE} names {path}, which cannot be read: {error.strerror}.",
            remedy="Correct the name, or unset it.",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageFault(
            f"{FILE_VARIABLE} names {path}, which is not valid TOML: {str(error).rstrip('.')}.",
            remedy="Correct that line.",
        ) from error
    known = {field.name for field in fields(Settings)}
    for key in content:
        if key not in known:
            raise UsageFault(f"{path}: there is no setting {key!r}.", remedy=f"There are: {', '.join(sorted(known))}.")
    return {key: (value, f"{key} in {path}") for key, value in content.items()}


def _parse(kind: Any, value: Any, source: str) -> Any:
    """A setting's value in its own type; texts as the environment has them, or the file's own types."""
    try:
        if kind is Path:
            return Path(_word(value))
        if kind is bool:
            return value if isinstance(value, bool) else _truth(str(value))
        if kind in (int, float):
            return _number(kind, value)
        if kind is str:
            return _word(value)
        return tuple(value) if isinstance(value, list) else tuple(filter(None, str(value).replace(",", " ").split()))
    except (TypeError, ValueError) as error:
        wanted = KINDS.get(kind, "list of texts")
        raise UsageFault(f"{source} does not hold what it must.", remedy=f"It is to be a {wanted}.") from error


def _number(kind: Callable[[Any], Any], value: Any) -> Any:
    if isinstance(value, bool) or (kind is int and isinstance(value, float)):
        raise ValueError(value)
    return kind(value)


def _word(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


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
    for field in fields(Settings):
        value = getattr(settings, field.name)
        least = 1 if field.name in AT_LEAST_ONE else 0
        if isinstance(value, int | float) and not isinstance(value, bool) and not least <= value < math.inf:
            raise UsageFault(f"{PREFIX}{field.name.upper()} is {value}.", remedy=f"It is a number from {least} on.")
    if settings.log_format not in ("console", "json"):
        raise UsageFault(f"REKINDLE_LOG_FORMAT is {settings.log_format!r}.", remedy="It is console or json.")
    for network in settings.trusted_proxies:
        _check_network(network)
    _check_issuer(settings)
    for name in filter(None, settings.ca_file.split(os.pathsep)):
        _check_bundle(name)


def _check_issuer(settings: Settings) -> None:
    if bool(settings.oidc_issuer) != bool(settings.oidc_client_id):
        raise UsageFault(
            "REKINDLE_OIDC_ISSUER and REKINDLE_OIDC_CLIENT_ID go together.", remedy="Set both, or neither."
        )
    if settings.oidc_email_verified not in ("required", "if_sent"):
        raise UsageFault(
            f"REKINDLE_OIDC_EMAIL_VERIFIED is {settings.oidc_email_verified!r}.", remedy="It is required or if_sent."
        )
    if settings.oidc_only and not settings.oidc_issuer:
        raise UsageFault("REKINDLE_OIDC_ONLY would let nobody in.", remedy="Set REKINDLE_OIDC_ISSUER, or unset it.")
    schemes = ("https://", "http://") if settings.allow_private_addresses else ("https://",)
    if settings.oidc_issuer and not settings.oidc_issuer.startswith(schemes):
        raise UsageFault("REKINDLE_OIDC_ISSUER is no address that begins with https://.", remedy="Correct it.")


def _check_network(text: str) -> None:
    try:
        ipaddress.ip_network(text)
    except ValueError as error:
        says = f"REKINDLE_TRUSTED_PROXIES holds {text!r}, which is no address and no network."
        raise UsageFault(says, remedy="Give addresses such as 10.0.0.7 or networks such as 10.0.0.0/8.") from error


def _check_bundle(ca_file: str) -> None:
    remedy = "Correct SSL_CERT_FILE or REQUESTS_CA_BUNDLE, or unset it."
    if not Path(ca_file).is_file():
        raise UsageFault(f"The certificate bundle {ca_file} does not exist.", remedy=remedy)
    try:
        ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # ssl.SSLError is one
        says = f"The certificate bundle {ca_file} cannot be read, or holds no certificate in PEM form."
        raise UsageFault(says, remedy=remedy) from error
