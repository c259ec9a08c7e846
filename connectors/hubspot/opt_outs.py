"""Contact properties that mean "leave me alone", and which way to the person each of them closes. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from connectors.base import Channel, ContactConsent, DealConsent
from connectors.consent import opt_out
from connectors.hubspot.values import is_true

EMAIL_OPT_OUT = "hs_email_optout"
LEAVE_ALONE = re.compile(rf"{EMAIL_OPT_OUT}|.*do_?not_?(call|contact|disturb|phone).*", re.IGNORECASE)
_NO_CALLS = re.compile(r".*do_?not_?(call|phone).*", re.IGNORECASE)


def contact_consent(contact_id: str, properties: Mapping[str, Any], names: Sequence[str]) -> ContactConsent:
    """One contact's flags. HubSpot has one for e-mail alone; portals add others, some of which mean any contact."""
    flags = tuple(opt_out(f"contact.{name}", _channel(name), is_true(properties.get(name))) for name in names)
    return ContactConsent(contact_id=contact_id, flags=flags)


def first_open(consent: DealConsent) -> str | None:
    """The first contact who may be contacted, else the first."""
    open_ = [one for one in consent.contacts if not one.is_closed]
    return next((one.contact_id for one in (*open_, *consent.contacts)), None)


@lru_cache(maxsize=1_000)
def _channel(name: str) -> Channel:
    if name.lower() == EMAIL_OPT_OUT:
        return Channel.EMAIL
    return Channel.PHONE if _NO_CALLS.fullmatch(name) else Channel.ANY
