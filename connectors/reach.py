"""Connections that go to some addresses only, whatever a name or a redirect leads to at the moment of connecting.

A name is looked up when it is entered and again at every connection; whoever owns it may give another answer then. So
the address that was really reached is asked about before a single byte is sent.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

MayReach = Callable[[str], bool]
"""Whether an IP address may be spoken to."""


class OutOfReachError(NewConnectionError):
    """The address that was reached is not to be spoken to; nothing was sent."""


def pools_that_ask(may_reach: MayReach) -> dict[str, type[HTTPConnectionPool]]:
    """urllib3's pools by scheme, whose connections are closed unless `may_reach` lets their address pass."""

    def asked(connection: HTTPConnection, made: socket.socket) -> socket.socket:
        address = str(made.getpeername()[0])
        if may_reach(address):
            return made
        made.close()
        raise OutOfReachError(connection, f"{connection.host} leads to an address that may not be reached")

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return asked(self, super()._new_conn())

    class Encrypted(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return asked(self, super()._new_conn())

    class PlainPool(HTTPConnectionPool):
        ConnectionCls: Any = Plain

    class EncryptedPool(HTTPSConnectionPool):
        ConnectionCls: Any = Encrypted

    return {"http": PlainPool, "https": EncryptedPool}
