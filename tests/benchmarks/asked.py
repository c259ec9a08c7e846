"""What every peer asks a CRM for, and how it signs in; nothing but `requests` is needed to import this."""

from __future__ import annotations

from typing import Any

import requests

FIELDS = (
    "Id, Name, StageName, Amount, CloseDate, LastModifiedDate, OwnerId, AccountId, Account.Name, Loss_Reason__c, "
    "Loss_Notes__c"
)
SOQL = f"SELECT {FIELDS} FROM Opportunity WHERE IsClosed = true AND IsWon = false"
PROPERTIES = (
    "dealname,dealstage,pipeline,amount,closedate,hs_lastmodifieddate,hubspot_owner_id,closed_lost_reason,description"
)


def salesforce_session(found: dict[str, Any]) -> requests.Session:
    """A session with a token of its own."""
    session = requests.Session()
    session.trust_env = False
    session.verify = found["ca_file"]
    form = {"grant_type": "client_credentials", **{name: found[name] for name in ("client_id", "client_secret")}}
    token = session.post(found["url"] + "/services/oauth2/token", data=form).json()["access_token"]
    session.headers["Authorization"] = f"Bearer {token}"
    return session
