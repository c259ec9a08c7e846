"""What the rest of the product knows of Salesforce without opening it."""

from __future__ import annotations

from collections.abc import Mapping

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
from connectors.salesforce.webhooks import deal_id_of, parse_webhook

_WHOSE = r"((opp(ortunity)?|deal|primary|main)[ _]*)?((closed?|win|won)[ _/-]*)?"
"""What may stand before the word that counts: Closed_Lost_Reason__c, Opportunity Loss Reason, Win/Loss Reason."""


def _open(settings: Settings, credentials: Credentials, kit: Kit) -> Connector:
    from connectors.salesforce.connector import open_salesforce

    return open_salesforce(settings, credentials, kit)


def _instance_of(url: str, answer: Mapping[str, object]) -> str:
    """The org's own address, which the token's answer names: login.salesforce.com serves every org."""
    from connectors.salesforce.oauth import trusted_instance

    return trusted_instance(str(answer.get("instance_url") or ""), known_url=url, allowed_hosts=frozenset())


SALESFORCE = ConnectorSpec(
    key="salesforce",
    label="Salesforce",
    default_url=None,
    auth=(
        AuthMethod(
            key="client_credentials",
            label="Client credentials",
            needs=("client_id", "client_secret"),
            help="Consumer key and secret of an external client app: client credentials flow, with a run-as user.",
        ),
        AuthMethod(
            key="jwt",
            label="JWT bearer",
            needs=("client_id", "jwt_key", "username"),
            help="Consumer key, the RSA private key (PEM) of the app's certificate, and the user to act for.",
        ),
        AuthMethod(
            key="oauth",
            label="OAuth sign-in",
            needs=("client_id", "client_secret", "refresh_token"),
            help="Consumer key and secret of the app a person signed in to, and the refresh token that gave.",
        ),
        AuthMethod(
            key="access_token",
            label="Access token",
            needs=("access_token",),
            help="A session that was made elsewhere. It cannot be renewed: for trying out.",
        ),
    ),
    likely_fields={
        Role.REASON: (
            rf"{_WHOSE}(loss|lost)[ _]*reasons?(__c)?",
            rf"{_WHOSE}reasons?[ _]*((for|of|why)[ _]*)?(loss|lost|losing)(__c)?",
            rf"{_WHOSE}rejection[ _]*reasons?(__c)?",
            rf"{_WHOSE}(loss|lost)[ _]*(sub[ _-]*)?reasons?[ _-]*(details?|category|type)?(__c)?",
            *REASON_ABROAD,
        ),
        Role.NOTES: (
            rf"{_WHOSE}(loss|lost)[ _]*(reasons?[ _-]*)?(notes?|comments?|description|explanation)(__c)?",
            rf"{_WHOSE}(loss|lost)[ _]*details?(__c)?",
            r"description",
        ),
        Role.COMPETITOR: (
            r"competitor(__c)?",
            r"(primary|main|winning)[ _]*competitors?([ _]*name)?(__c)?",
            r"lost[ _]*to([ _]*competitor)?(__c)?",
        ),
        Role.CONTRACT_END: (
            r"(competitor|incumbent|current)[ _]*contract[ _]*(end|expiry|expiration|renewal)([ _]*date)?(__c)?",
            r"Account\.(competitor|incumbent|current)_contract_(end|expiry|expiration)(_date)?__c",
        ),
        Role.FISCAL_YEAR_START_MONTH: (
            r"Account\.fiscal_year_start(_month)?__c",
            r"fiscal[ _]*year[ _]*start[ _]*month",
        ),
        Role.DO_NOT_CONTACT: (r"(Account\.)?do[ _]*not[ _]*contact(__c)?",),
        Role.CATEGORY_OUT: (r"rejection_category__c",),
        Role.SUB_REASON_OUT: (r"rejection_sub_reason__c",),
        Role.NEXT_FOLLOW_UP_OUT: (r"next_follow_up__c",),
    },
    options={
        "api_version": "API version to speak, for example 62.0; agreed with the server where empty.",
        "audience": "Audience of the JWT; login.salesforce.com where empty, test.salesforce.com for a sandbox.",
        "allowed_hosts": "Hosts, beside the instance URL's own site, that the org may move to.",
        "task_key_field": "Field of tasks that holds our key; Rekindle_Key__c where empty.",
        "bulk_threshold": "Lost deals from which a first read uses Bulk API 2.0; 20000 where empty, 0 for never.",
        "bulk_page_size": "Deals in one page of Bulk results; 2000 where empty.",
        "page_size": "Deals in one page of a query, 200 to 2000; the server's own size where empty.",
        "reached_stages": "on: read which stages each lost deal went through (one more query for 400 deals).",
        "daily_share": "Percent of the org's calls of 24 hours at which we pause: 90; 0 for never.",
        "concurrent_calls": "Our calls at once, all processes together: 20; 0 for no limit.",
        "currency": "The org's currency (ISO code), where the org has only one and so does not tell it.",
    },
    capabilities=frozenset(Capability),
    open=_open,
    account_label="org",
    parse_webhook=parse_webhook,
    webhook_proof="token",
    # https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_web_server_flow.htm
    sign_in=OAuthSignIn(
        authorize_url=lambda url: f"{url}/services/oauth2/authorize",
        token_url=lambda url: f"{url}/services/oauth2/token",
        scopes=("api", "refresh_token"),
        sites=(".salesforce.com", ".force.com", ".salesforce.mil", ".cloudforce.com"),
        is_pkce=True,
        default_url="https://login.salesforce.com",
        url_of=_instance_of,
    ),
    deal_id_of=deal_id_of,
)
