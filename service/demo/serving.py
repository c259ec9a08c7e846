"""The web app on the demo's data, until somebody presses Ctrl-C."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable

from werkzeug.serving import BaseWSGIServer, make_server

from service.bootstrap import App
from service.people.roles import Role
from service.people.users import add_user, set_password
from service.store.models import UserRow
from service.store.people import user_of_email
from service.web.app import create_app

HOST, PORT = "127.0.0.1", 8080
EMAIL = "demo@example.com"
WHO = "the demo"


def serve_demo(app: App, *, say: Callable[[str], None]) -> None:
    """Serve the demo's web app and say how to sign in; returns when it is stopped by Ctrl-C.

    The sandbox CRMs live in this process, so the web app does too.
    """
    password = _sign_in_data(app)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # no line for each request between our own
    server = _server(app)
    say(f"\nThe web app is at http://{HOST}:{server.port}/\n  E-mail address: {EMAIL}\n  Password:       {password}")
    say("Ctrl-C stops it.")
    try:
        server.serve_forever()
    finally:
        server.server_close()


def _sign_in_data(app: App) -> str:
    """A password nobody knows yet: the demo's data is made up, but its web app stands on a real port."""
    password = "-".join(secrets.token_hex(2) for _ in range(4))
    with app.store.begin() as tx:
        user: UserRow | None = user_of_email(tx, EMAIL)
        if user is None:
            add_user(tx, email=EMAIL, name="Demo", role=Role.ADMIN, who=WHO, now=app.now(), password=password)
        else:
            set_password(tx, user, password, who=WHO, now=app.now())
    return password


def _server(app: App) -> BaseWSGIServer:
    flask = create_app(app)
    try:
        return make_server(HOST, PORT, flask, threaded=True)
    except SystemExit:  # what werkzeug does where the port is taken
        return make_server(HOST, 0, flask, threaded=True)  # something else listens there; any free port will do
