"""Puts the API into a Flask app."""

from __future__ import annotations

from flask import Flask
from werkzeug.exceptions import HTTPException

from mappings.documents.toml import DocumentError
from service.api import changes, documents
from service.api.idempotency import begin_once, finish_once
from service.api.problems import ProblemApi, document_problem, fault_problem, http_problem
from service.api.resources import v1
from service.api.who import ASKING, EXTENSION, load_bearer
from service.bootstrap import App
from service.errors import RekindleError
from service.jobs.asked import Asking

PARTS = (v1, documents.edit, changes.change)


def register_api(flask: Flask, app: App, asking: Asking) -> None:
    """The calls, their OpenAPI document, and their errors as problem details."""
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
            part.before_request(begin_once)
            part.after_request(finish_once)
            part.register_error_handler(HTTPException, http_problem)
            part.register_error_handler(RekindleError, fault_problem)
            part.register_error_handler(DocumentError, document_problem)
        api.register_blueprint(part)
