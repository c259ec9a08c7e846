"""Serving the application with gunicorn: several processes, each started again when it dies."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from sqlalchemy.orm import configure_mappers

from service.bootstrap import App, open_app
from service.config import Settings
from service.observe.logging import configure_logging, logger
from service.observe.metrics import forget_process, reserve_metrics, share_metrics
from service.processes.copies import share_memory
from service.webhooks.waking import Wake, nobody

if TYPE_CHECKING:
    from flask import Flask

log = logger(__name__)

MakeWeb = Callable[[App], "Flask"]


def serve_web(settings: Settings, *, host: str, port: int, wake: Wake = nobody, make: MakeWeb | None = None) -> None:
    """Serve until told to stop. Raises RekindleError naming what is in the way of a start.

    `make` builds the application in each process, where it differs from the plain one.
    """
    configure_logging(settings.log_format)
    share_metrics(settings.home / "metrics" / f"web-{port}")
    open_app(settings).store.dispose()  # the schema and the keys are there, or it is said before anything is forked

    def plain(app: App) -> Flask:
        from service.web.app import create_app

        return create_app(app, wake=wake)

    configure_mappers()
    share_memory()
    _Server(settings, host=host, port=port, make=make or plain).run()


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn, configured from our settings and nothing else."""

    def __init__(self, settings: Settings, *, host: str, port: int, make: MakeWeb) -> None:
        self._settings = settings
        self._bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._make = make
        super().__init__()

    def load_config(self) -> None:
        """The configuration; no file, environment or command line of gunicorn's counts."""
        wanted: dict[str, Any] = {
            "bind": [self._bind],
            "workers": self._settings.web_workers,
            "threads": self._settings.web_threads,
            "worker_class": "gthread",
            "timeout": 60,
            "graceful_timeout": 20,
            "keepalive": 30,
            "forwarded_allow_ips": "",  # whose X-Forwarded-* count is decided in service.web.proxies
            "accesslog": None,
            "control_socket_disable": True,
            "logger_class": _Quiet,
            "proc_name": "rekindle-web",
            "child_exit": lambda _server, worker: forget_process(worker.pid),
        }
        for name, value in wanted.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """The application of one process, made after the fork: no database connection is shared."""
        reserve_metrics()
        return self._make(open_app(self._settings))


class _Quiet(Logger):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn's own news, through our log."""

    def setup(self, cfg: Any) -> None:
        """Nothing of its own: no handler, no format."""
        self.cfg = cfg
        self.error_log.propagate = True
        self.error_log.handlers = []
        self.error_log.setLevel("INFO")
