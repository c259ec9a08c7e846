"""Trying a connection: its credentials, fields and rights, and what its work has left to say."""

from __future__ import annotations

from connectors.base import Health, HealthCheck
from connectors.errors import ConnectorError
from service.bootstrap import App
from service.errors import UsageFault
from service.store.connections import STANDING_CHECKS, connection_named
from service.store.models import ConnectionRow


def check_connection(app: App, name: str) -> Health:
    """Try it now, keep what was found, and give it with the lines that work keeps up to date."""
    with app.store.read() as tx:
        row = connection_named(tx, name)
    found = _check(app, row)
    with app.store.begin() as tx:
        kept = connection_named(tx, name)
        standing = [one for one in kept.health if one["check"] in STANDING_CHECKS]
        kept.health = [*({"check": one.check, "ok": one.ok, "says": one.says} for one in found.checks), *standing]
    return Health(checks=(*found.checks, *(HealthCheck(**one) for one in standing)))


def _check(app: App, row: ConnectionRow) -> Health:
    try:
        return app.connector_for_page(row).check()
    except (ConnectorError, UsageFault) as error:
        return Health(checks=(HealthCheck(check="connection", ok=False, says=str(error)),))
