"""Puts the API into a Flask app."""

from __future__ import annotations

from flask import Flask
from werkzeug.exceptions import HTTPException

from service.api.problems import ProblemApi, fault_problem, http_problem
from service.api.resources import v1
from service.api.who import load_bearer
from service.bootstrap import App
from service.errors import RekindleError

EXTENSION = "rekindle"


def register_api(flask: Flask, app: App) -> None:
    """The calls, their OpenAPI document, and their errors as problem details."""
    flask.extensions[EXTENSION] = app
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
    if not v1._got_registered_once:  # noqa: SLF001 -- a blueprint takes its hooks only before its first app
        v1.before_request(load_bearer)
        v1.register_error_handler(HTTPException, http_problem)
        v1.register_error_handler(RekindleError, fault_problem)
    api.register_blueprint(v1)
