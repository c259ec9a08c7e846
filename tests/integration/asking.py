"""One process of several that use a connection: asks the CRM so many times, for real, and says how it went."""

from __future__ import annotations

import os
import sys

from service.bootstrap import open_app
from service.config import load_settings
from service.store.connections import connection_named


def main(name: str, what: str, count: int) -> None:
    """Ask `count` times for `what`: totals (a search each) or descriptions (some reads each)."""
    app = open_app(load_settings(os.environ))
    with app.store.read() as tx:
        connection = connection_named(tx, name)
    connector, calls = app.connector(connection)
    for _ in range(count):
        if what == "totals":
            connector.count_lost_total()
        else:
            connector.describe()
    sys.stdout.write(f"{calls.total}\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
