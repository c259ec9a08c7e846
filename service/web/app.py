"""The Flask application: its parts are blueprints, put together here."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

from service.api.site import register_api
from service.bootstrap import App
from service.jobs.asked import Asking, Background, WakeJob, in_thread
from service.web.answers import dress_answers
from service.web.card_routes import cards_blueprint
from service.web.health import Check, health_blueprint
from service.web.lane import WebhookLane
from service.web.proxies import TrustedHops
from service.web.site import register_site
from service.web.webhooks import webhooks_blueprint
from service.web.who import forms_cookie_name, is_https
from service.webhooks.door import Door
from service.webhooks.waking import Wake, nobody

MOST_BYTES = 1024 * 1024
NOBODY_SIGNED_IN = ("/webhooks/", "/healthz", "/readyz", "/metrics")


class _Sessions(SecureCookieSessionInterface):
    """Flask's own, but not where nobody has one: it cost an eighth of a webhook's time."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session of whoever asks; an empty one that is never kept for programs."""
        if request.path.startswith(NOBODY_SIGNED_IN):
            return self.make_null_session(app)
        return super().open_session(app, request)

    def get_cookie_name(self, app: Flask) -> str:  # noqa: ARG002 -- Flask's signature
        """Bound to this host by its name, as the cookie of the session is."""
        return forms_cookie_name()

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002 -- as above
        """Whether it goes over https only."""
        return is_https()


def create_app(
    app: App,
    *,
    wake: Wake = nobody,
    checks: Mapping[str, Check] | None = None,
    wake_job: WakeJob | None = None,
    background: Background = in_thread,
) -> Flask:
    """The web service over the opened product.

    `wake` is told the name of a connection whose webhooks were stored; `checks` are the dependencies beside the
    database that make the service ready. `wake_job` has workers do what is asked for at a page, `background` does it
    here where there are none.
    """
    flask = Flask("service.web", static_folder=None)
    flask.debug = False  # whatever FLASK_DEBUG says: its pages would tell what only the log may
    flask.config["MAX_CONTENT_LENGTH"] = MOST_BYTES  # routes that take more say so
    flask.session_interface = _Sessions()
    dress_answers(flask, is_https=app.settings.base_url.startswith("https:"))
    flask.register_blueprint(health_blueprint(app, checks or {}))
    door = Door(app, wake=wake)
    flask.register_blueprint(webhooks_blueprint(app.settings, door))
    asking = Asking(wake=wake_job, background=background)
    flask.register_blueprint(cards_blueprint(app, wake_job))
    register_api(flask, app, asking)
    register_site(flask, app)
    lane = WebhookLane(flask.wsgi_app, app.settings, door)
    flask.wsgi_app = TrustedHops(lane, app.settings.trusted_proxies)  # type: ignore[method-assign]
    return flask
