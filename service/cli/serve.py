"""`rekindle serve`."""

from __future__ import annotations

import click

from service.cli.context import load
from service.config import Settings


@click.command()
@click.option("--host", default="127.0.0.1", help="The address to listen at.")
@click.option("--port", type=click.IntRange(0, 65535), metavar="NUMBER", default=8080, help="The port to listen at.")
def serve(host: str, port: int) -> None:
    """Serve the web app, the API, webhooks, health and metrics. Stopped by Ctrl-C or a TERM signal."""
    from service.web.server import serve_web
    from service.web.wired import make_web

    settings = load()
    _tell_first_step(settings, host, port)
    serve_web(settings, host=host, port=port, make=make_web)


def _tell_first_step(settings: Settings, host: str, port: int) -> None:
    """Where nobody can sign in yet: the address, and the code that makes the first admin.

    A program that reads the output as JSON gets no such line; `rekindle admin setup-code` gives the code there.
    """
    if settings.log_format != "console":
        return
    from service.bootstrap import open_app
    from service.people.users import needs_setup, setup_code

    opened = open_app(settings)
    with opened.store.begin() as tx:
        code = setup_code(tx, now=opened.now()) if needs_setup(tx) else None
    opened.store.dispose()
    if code is not None:
        address = settings.base_url or f"http://{host}:{port}"
        click.echo(f"Nobody is here yet. Open {address.rstrip('/')}/set-up and enter this one-time code: {code}")


COMMANDS = (serve,)
