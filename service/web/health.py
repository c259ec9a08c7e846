"""Whether the service lives, and whether it is ready; its figures are asked for beside."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import orjson
from flask import Blueprint, Response
from sqlalchemy import text

from service.bootstrap import App
from service.observe.logging import logger
from service.observe.metrics import CONTENT_TYPE, exposition
from service.store.migrate import in_revision, latest_revision
from service.store.session import Store
from service.web.figures import Figures

log = logger(__name__)

Check = Callable[[], str]
"""Says in a sentence how a dependency is; raises where it cannot be used."""


def health_blueprint(app: App, checks: Mapping[str, Check]) -> Blueprint:
    """GET /healthz, /readyz and /metrics. `checks` are the dependencies beside the database, by name."""
    blueprint = Blueprint("health", __name__)
    every: dict[str, Check] = {
        "database": lambda: _database(app.store),
        "migrations": lambda: _migrations(app.store),
        **checks,
    }

    @blueprint.get("/healthz")
    def healthz() -> Response:
        """The process answers: nothing else is asked."""
        return _json(200, {"status": "ok"})

    @blueprint.get("/readyz")
    def readyz() -> Response:
        """Each dependency by name; 503 while one of them cannot be used."""
        found = {name: _tried(name, check) for name, check in every.items()}
        is_ready = all(one["ok"] for one in found.values())
        return _json(200 if is_ready else 503, {"status": "ready" if is_ready else "not ready", "checks": found})

    @blueprint.get("/metrics")
    def metrics() -> Response:
        """For Prometheus."""
        return Response(exposition([Figures(app)]), content_type=CONTENT_TYPE)

    return blueprint


def _tried(name: str, check: Check) -> dict[str, object]:
    try:
        return {"ok": True, "says": check()}
    except Exception as error:  # noqa: BLE001 -- whatever is wrong with it, it is not ready
        log.warning("A dependency cannot be used.", dependency=name, error=type(error).__name__)
        return {"ok": False, "says": f"It cannot be used ({type(error).__name__})."}


def _database(store: Store) -> str:
    with store.read() as tx:
        tx.execute(text("SELECT 1"))
    return f"{store.engine.dialect.name} answers."


def _migrations(store: Store) -> str:
    current, latest = in_revision(store), latest_revision()
    if current != latest:
        raise LookupError(f"schema {current}, not {latest}")
    return f"Schema {current}, the latest."


def _json(status: int, body: dict[str, object]) -> Response:
    return Response(orjson.dumps(body), status=status, content_type="application/json")
