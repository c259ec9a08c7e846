"""HubSpot as the rest of the product knows it."""

from __future__ import annotations

from connectors.base import (
    AuthMethod,
    Capability,
    Connector,
    ConnectorSpec,
    Credentials,
    Kit,
    OAuthSignIn,
    Role,
    Settings,
)
from connectors.fields import REASON_ABROAD
from connectors.hubspot.cards import parse_card_call
from connectors.hubspot.paths import Paths
from connectors.hubspot.webhooks import deal_id_of, parse_webhook

# Names and labels seen in portals. HubSpot's own loss reason, `closed_lost_reason`, is free text; many portals add an
# enumeration, whose values say more: those come first.
_LIKELY_FIELDS = {
    Role.REASON: (
        r"closed_?lost_categor(y|ies)|lost_categor(y|ies)",
        r"(?!closed_lost_reason$)(primary_|main_)?(deal_|closed_)?(lost|loss)_reasons?(_(category|picklist|dropdown|select|type|code))?",
        *REASON_ABROAD,
        r"closed_lost_reason",
        r"closed lost reason|(primary )?(loss|lost) reason|reason (for )?(loss|lost)|reason lost",
        r"(?!.*(note|detail|comment|description|other)).*((loss|lost).*reason|reason.*(loss|lost)).*",
    ),
    Role.NOTES: (
        r".*(loss|lost|debrief).*(notes?|details?|comments?|description|explanation|feedback).*",
        r"(?-i:description)",  # the deal's own, by name: every company has a field labelled Description
    ),
    Role.COMPETITOR: (r"competitors?", r"(primary_|main_|winning_)?competitors?(_name)?", r"lost_to(_competitor)?"),
    Role.CONTRACT_END: (
        r"competitor_contract_end(_date)?",
        r".*contract.*(end|expir|renewal).*",
    ),
    Role.FISCAL_YEAR_START_MONTH: (r"company\.fiscal_year_start_month", r"company\..*fiscal.*(month|start).*"),
    Role.DO_NOT_CONTACT: (r"(company\.)?do_?not_?(contact|call)",),
    Role.CATEGORY_OUT: (r"rejection_category",),
    Role.SUB_REASON_OUT: (r"rejection_sub_reason",),
    Role.NEXT_FOLLOW_UP_OUT: (r"next_follow_up",),
}


def _open(settings: Settings, credentials: Credentials, kit: Kit) -> Connector:
    from connectors.hubspot.connector import open_portal

    return open_portal(settings, credentials, kit)


def _authorize_url(url: str) -> str:
    """People sign in at another host than programs; another server that speaks this API has one host for both."""
    return "https://app.hubspot.com/oauth/authorize" if url.endswith(".hubapi.com") else f"{url}/oauth/authorize"


HUBSPOT = ConnectorSpec(
    key="hubspot",
    label="HubSpot",
    default_url="https://api.hubapi.com",
    auth=(
        AuthMethod(
            key="token",
            label="Service key or private-app token",
            needs=("token",),
            help=(
                "In HubSpot: Settings > Integrations > Service Keys (or the Auth tab of a private or project app). "
                "Scopes: crm.objects.deals.read, crm.objects.companies.read, crm.objects.contacts.read, "
                "crm.objects.contacts.write (tasks), crm.objects.owners.read; crm.objects.deals.write to write "
                "categories to deals. A service key knows no webhooks: deals are then found by sync alone."
            ),
        ),
        AuthMethod(
            key="oauth",
            label="OAuth sign-in",
            needs=("client_id", "client_secret", "refresh_token"),
            help="Client id and secret of the app that was installed in the portal, and the refresh token that gave.",
        ),
    ),
    likely_fields=_LIKELY_FIELDS,
    options={
        "api_version": "HubSpot's API version: v3 (default), 2026-09 or 2026-03.",
        "burst_rate": "Requests per seconds, e.g. 190/10; 100/10 until HubSpot's answers tell; 0 for no limit.",
        "search_rate": "Searches per seconds, 5/1 by default; 0 for no limit.",
    },
    capabilities=frozenset({Capability.WRITE_TASKS, Capability.WRITE_DEAL_FIELDS, Capability.WEBHOOKS}),
    open=_open,
    account_label="portal",
    parse_webhook=parse_webhook,
    parse_card_call=parse_card_call,
    webhook_proof="signature",
    # https://developers.hubspot.com/docs/api-reference/auth-oauth-v3/guide
    sign_in=OAuthSignIn(
        authorize_url=_authorize_url,
        token_url=lambda url: url + Paths().token,
        scopes=(
            "oauth",
            "crm.objects.deals.read",
            "crm.objects.deals.write",
            "crm.objects.companies.read",
            "crm.objects.contacts.read",
            "crm.objects.contacts.write",
            "crm.objects.owners.read",
            "crm.schemas.deals.read",
            "crm.schemas.companies.read",
        ),
        sites=(".hubapi.com",),
        default_url="https://api.hubapi.com",
    ),
    deal_id_of=deal_id_of,
)
