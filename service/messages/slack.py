"""Messages to a Slack-compatible incoming webhook."""

from __future__ import annotations

import requests

from connectors.errors import ConnectorError, Unclear
from connectors.http import Http, transport_error
from service.messages.outcomes import NotSentError, RefusedError, UnclearError


def send_slack(http: Http, url: str, *, text: str) -> None:
    """Post one message. Raises NotSentError, RefusedError or UnclearError; the address is in none of them."""
    try:
        with http.session() as session:
            http.calls.add("message")
            answer = session.post(url, json={"text": text}, allow_redirects=False)
    except (requests.RequestException, OSError) as error:
        raise _lost(transport_error(error, where="the incoming webhook", is_write=True)) from error
    if answer.status_code == 429 or answer.status_code >= 500:
        raise NotSentError(
            f"The incoming webhook answered {answer.status_code}.", retry_after_s=_seconds(answer.headers)
        )
    if answer.status_code >= 300:
        raise RefusedError(f"The incoming webhook answered {answer.status_code}.")


def _lost(error: ConnectorError) -> Exception:
    return UnclearError(str(error)) if isinstance(error, Unclear) else NotSentError(str(error))


def _seconds(headers: requests.structures.CaseInsensitiveDict[str]) -> float | None:
    text = headers.get("Retry-After", "")
    return float(text) if text.isdigit() else None
