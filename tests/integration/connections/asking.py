"""One process of several that use a connection: asks the CRM in the time they share, and says how it went."""

from __future__ import annotations

import os
import sys

from service.bootstrap import open_app
from service.config import load_settings
from service.store.connections import connection_named
from tests.integration.connections.shared_time import LivedTime


def main(port: int, name: str, what: str, count: int) -> None:
    """Ask `count` times for `what`: totals (a search each) or descriptions (some reads each)."""
    time = LivedTime(port)
    app = open_app(load_settings(os.environ), now=time.now, sleep=time.sleep)
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
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]))
