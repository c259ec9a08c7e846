"""Puts the API into a Flask app."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from flask import Flask
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import HTTPException

from connectors.errors import ConnectorError
from mappings.documents.toml import DocumentError
from service.api import (
    audit,
    changes,
    connections,
    deals,
    documents,
    exports,
    mapping,
    people,
    reminders,
    reviews,
    running,
    timing,
)  # fmt: skip
from service.api.described import ProblemApi
from service.api.docs import docs_blueprint
from service.api.idempotency import begin_once, finish_once
from service.api.problems import crm_problem, document_problem, fault_problem, http_problem
from service.api.routes import refuse_odd_path
from service.api.who import ASKING, EXTENSION, load_bearer
from service.bootstrap import App
from service.errors import RekindleError
from service.jobs.asked import Asking

PARTS = tuple(
    one.calls
    for one in (
        audit,
        deals,
        reminders,
        documents,
        mapping,
        timing,
        changes,
        connections,
        running,
        reviews,
        people,
        exports,
    )
)


class PlainJson(DefaultJSONProvider):
    """Days and instants as ISO 8601, money as a number."""

    @staticmethod
    def default(value: Any) -> Any:
        """A value that JSON has no word for."""
        if isinstance(value, date):
            return value.isoformat()
        return float(value) if isinstance(value, Decimal) else DefaultJSONProvider.default(value)


def register_api(flask: Flask, app: App, asking: Asking) -> None:
    """The calls, their OpenAPI document, and their errors as problem details."""
    flask.json = PlainJson(flask)
    flask.extensions[EXTENSION] = app
    flask.extensions[ASKING] = asking
    flask.config.update(
        API_TITLE="Rekindle",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api/v1",
        OPENAPI_JSON_PATH="openapi.json",
    )
    api = ProblemApi(flask)
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    api.spec.options["security"] = [{"bearer": []}]
    for part in PARTS:
        if not part._got_registered_once:  # noqa: SLF001 -- a blueprint takes its hooks only before its first app
            part.before_request(load_bearer)
            part.before_request(refuse_odd_path)
            part.before_request(begin_once)
            part.after_request(finish_once)
            part.register_error_handler(HTTPException, http_problem)
            part.register_error_handler(RekindleError, fault_problem)
            part.register_error_handler(DocumentError, document_problem)
            part.register_error_handler(ConnectorError, crm_problem)
        api.register_blueprint(part)
    flask.register_blueprint(docs_blueprint(api))
