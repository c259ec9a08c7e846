"""hubspot-api-client as the transport, without its models, retries and exceptions."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import urllib3


class RawTransport:
    """Stands in for the library's REST class: the same calls over our pool, every status returned as it is.

    The library's own raises on 4xx and 5xx with a method that urllib3 no longer has, and decodes error bodies that
    need not be text.
    """

    def __init__(self, pool: urllib3.PoolManager) -> None:
        self.pool_manager = pool

    def GET(self, url: str, **call: Any) -> urllib3.BaseHTTPResponse:  # noqa: N802 - the library's name
        return self._request("GET", url, **call)

    def POST(self, url: str, **call: Any) -> urllib3.BaseHTTPResponse:  # noqa: N802 - the library's name
        return self._request("POST", url, **call)

    def _request(
        self,
        method: str,
        url: str,
        *,
        query_params: Any = None,
        headers: Any = None,
        body: bytes | None = None,
        _request_timeout: tuple[float, float] = (10.0, 60.0),
        **_unused: Any,
    ) -> urllib3.BaseHTTPResponse:
        connect_s, read_s = _request_timeout
        sent = {**(headers or {}), **({"Content-Type": "application/json"} if method != "GET" else {})}
        return self.pool_manager.request(
            method,
            f"{url}?{urlencode(query_params, safe=',')}" if query_params else url,
            body=(body or b"{}") if method != "GET" else None,
            headers=sent,
            timeout=urllib3.Timeout(connect=connect_s, read=read_s),
            preload_content=True,
        )


def api_client(url: str, transport: RawTransport) -> Any:
    """One ApiClient to be held; its configuration takes the token in force."""
    from hubspot.crm.deals.api_client import ApiClient
    from hubspot.crm.deals.configuration import Configuration

    configuration = Configuration(host=url)
    client = ApiClient(configuration)
    client.rest_client = transport
    return client
