"""/account-info: what an account tells about itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.sandbox.hubspot.state import State


def account_details(state: State, now_ms: int) -> dict[str, Any]:
    """The account's id, zone and currency."""
    moment = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=now_ms)
    offset = moment.astimezone(state.zone).utcoffset() or timedelta(0)
    text = moment.astimezone(state.zone).strftime("%z")
    return {
        "portalId": state.settings.portal_id,
        "accountType": state.settings.account_type,
        "timeZone": state.zone.key,
        "companyCurrency": state.currency,
        "additionalCurrencies": [],
        "utcOffset": f"{text[:3]}:{text[3:]}",
        "utcOffsetMilliseconds": offset // timedelta(milliseconds=1),
        "uiDomain": "app.hubspot.com",
        "dataHostingLocation": "na1",
    }
