"""What a portal can be told to be: its tokens and their scopes, its limits, its habits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

ALL_SCOPES = frozenset(
    {
        "oauth",
        "crm.objects.deals.read",
        "crm.objects.deals.write",
        "crm.objects.companies.read",
        "crm.objects.companies.write",
        "crm.objects.contacts.read",
        "crm.objects.contacts.write",
        "crm.objects.owners.read",
        "crm.schemas.deals.read",
        "crm.schemas.deals.write",
        "crm.schemas.companies.read",
        "crm.schemas.companies.write",
        "crm.schemas.contacts.read",
        "crm.schemas.contacts.write",
    }
)
DEMO_TOKEN = "pat-na1-00000000-sand-0000-box0-000000000000"  # noqa: S105  it opens nothing but this sandbox


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimits:
    """Requests allowed: per token in a rolling ten seconds, per account a day, and searches per account a second."""

    burst: int = 190
    daily: int = 625_000
    searches_per_second: int = 5
    names_category: bool = False  # newer bodies of a 429 have "category" where older ones have "errorType"


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthApp:
    """An installed OAuth app. `code` may be exchanged once; the refresh token stays."""

    client_id: str
    client_secret: str
    refresh_token: str
    code: str | None = None
    redirect_uri: str = "http://localhost/callback"
    scopes: frozenset[str] = ALL_SCOPES


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiredProperty:
    """A rule an admin made: writes need `property`, always or only where another property has a value.

    Enforced on the dated API versions, as documented; `every_version` makes v3 refuse too.
    """

    object_type: str
    property: str
    when_property: str | None = None
    when_value: str | None = None
    every_version: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalSettings:
    """A portal's set-up. The default is strict, has every property of ours and knows one token with all scopes."""

    portal_id: int = 62515
    account_type: str = "STANDARD"
    tokens: Mapping[str, frozenset[str]] = field(default_factory=lambda: {DEMO_TOKEN: ALL_SCOPES})
    oauth_apps: tuple[OAuthApp, ...] = ()
    access_token_lifetime: timedelta = timedelta(seconds=1800)
    limits: RateLimits | None = RateLimits()  # None: no limit at all, for benchmarks
    index_lag: timedelta = timedelta(0)  # how far search runs behind; nothing else lags
    has_rekindle_properties: bool = True
    reason_property: str | None = "lost_reason"  # None: the reason stands in closed_lost_reason with the notes
    rewrites_html: bool = True  # task bodies come back as a portal's editor stores them, not byte for byte
    refuses_archived_owners: bool = True
    tasks_count_as_activity: bool = True  # a task moves notes_last_updated of the records it is associated with
    keeps_batch_order: bool = (
        False  # results of a batch come in no order (see github.com/HubSpot/hubspot-api-nodejs#190)
    )
    echoes_trace_ids: bool = True  # write answers repeat each row's objectWriteTraceId, which is optional
    association_read_limit: int = 1_000  # inputs of an association batch read; 100 has been announced as well
    equal_stamps: int = 0  # so many deals of the book share one hs_lastmodifieddate, as after a bulk update
    required_properties: tuple[RequiredProperty, ...] = ()
    uri_limit: int = 8_192
    search_body_limit: int = 3_000
    search_result_limit: int = 10_000
