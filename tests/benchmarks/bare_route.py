"""The peer of the webhooks: a Flask route that inserts one row, on the same server, as durably as ours.

`python -m tests.benchmarks.bare_route PORT WORKERS THREADS DATABASE`; the database is a file, or a PostgreSQL address.
"""

from __future__ import annotations

import sqlite3
import sys
import threading
from typing import Any

from flask import Flask, request
from gunicorn.app.base import BaseApplication

PORT, WORKERS, THREADS, DATABASE = sys.argv[1:5]
IS_FILE = not DATABASE.startswith("postgresql")
MARK = "?" if IS_FILE else "%s"
local = threading.local()


def connect() -> Any:
    """This thread's connection."""
    if not hasattr(local, "connection"):
        if IS_FILE:
            local.connection = sqlite3.connect(DATABASE, timeout=30, isolation_level=None)
            local.connection.execute("PRAGMA journal_mode = WAL")
            local.connection.execute("PRAGMA synchronous = FULL")
        else:
            import psycopg

            local.connection = psycopg.connect(DATABASE, autocommit=True)
    return local.connection


def make() -> Flask:
    """One route."""
    app = Flask("bare")

    @app.post("/hook")
    def hook() -> str:
        connect().execute(f"INSERT INTO hooks (id) VALUES ({MARK})", (request.get_json()["id"],))
        return "ok"

    return app


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    def load_config(self) -> None:
        wanted = {"bind": [f"127.0.0.1:{PORT}"], "workers": int(WORKERS), "threads": int(THREADS)}
        more = {"worker_class": "gthread", "loglevel": "error", "control_socket_disable": True, "keepalive": 30}
        for name, value in {**wanted, **more}.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return make()


connect().execute("CREATE TABLE IF NOT EXISTS hooks (id TEXT PRIMARY KEY)")
if not IS_FILE:
    connect().execute("TRUNCATE hooks")
local.connection.close()
del local.connection
_Server().run()
