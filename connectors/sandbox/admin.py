"""The sandbox's own paths, under /__sandbox__/: faults, counted calls, and what a test in another process needs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson

from connectors.sandbox.calls import CallLog
from connectors.sandbox.faults import Faults, parse_faults
from connectors.sandbox.wire import App, Request, Response, json_response

PREFIX = "/__sandbox__/"


def answer(request: Request, app: App, faults: Faults, calls: CallLog, now: datetime) -> Response:
    """The answer to one of the sandbox's own requests."""
    name = request.path.removeprefix(PREFIX).strip("/")
    try:
        payload = orjson.loads(request.body) if request.body else {}
        if name == "faults":
            return _faults(request.method, payload, faults)
        if name == "calls":
            return _calls(request.method, calls)
        verbs = getattr(app, "verbs", {})
        if name in verbs:
            return json_response(verbs[name](now, **payload))
    except (TypeError, ValueError, LookupError) as error:
        return json_response({"error": f"{type(error).__name__}: {error}"}, status=400)
    return json_response({"error": f"no such path of the sandbox: {request.path}"}, status=404)


def _faults(method: str, payload: Any, faults: Faults) -> Response:
    if method == "POST":
        if isinstance(payload, dict) and "seed" in payload:
            faults.seed(int(payload.pop("seed")))
        faults.add(
            *parse_faults(payload.pop("faults") if isinstance(payload, dict) and "faults" in payload else payload)
        )
    elif method == "DELETE":
        faults.clear()
    waiting = [{"method": f.method, "path": f.path, "status": f.status, "close": f.close} for f in faults.waiting()]
    return json_response({"waiting": waiting})


def _calls(method: str, calls: CallLog) -> Response:
    if method == "DELETE":
        calls.clear()
    by_kind = calls.by_kind()
    return json_response({"total": sum(by_kind.values()), "by_kind": by_kind})
