"""`rekindle serve`."""

from __future__ import annotations

import click

from service.cli.context import load


@click.command()
@click.option("--host", default="127.0.0.1", help="The address to listen at.")
@click.option("--port", type=click.IntRange(0, 65535), metavar="NUMBER", default=8080, help="The port to listen at.")
def serve(host: str, port: int) -> None:
    """Serve the web: webhooks, health and metrics. Several processes; stopped by Ctrl-C or a TERM signal."""
    from service.web.server import serve_web

    serve_web(load(), host=host, port=port)


COMMANDS = (serve,)
