"""A mail server in this process, which keeps what it is given."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message


@dataclass
class MailBox:
    """`answer` gives the reply to a command (RCPT, DATA), None for the usual one; "" hangs up. `recipients` are all
    that were named to the server, whatever a message says of itself."""

    port: int = 0
    recipients: list[str] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    answer: Callable[[str], str | None] = lambda command: None


@contextmanager
def mail_server() -> Iterator[MailBox]:
    """Listening on the loopback interface while the block runs."""
    box = MailBox()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 here")
            while line := self.rfile.readline():
                command = line[:4].decode(errors="replace").upper().strip()
                if command == "RCPT":
                    box.recipients.append(line.decode().partition("<")[2].partition(">")[0])
                if not self._answered(command):
                    return

        def _answered(self, command: str) -> bool:
            said = box.answer(command)
            if said == "":
                return False
            if said is not None:
                return self._say(said)
            if command == "DATA":
                self._say("354 go on")
                raw = b""
                while (line := self.rfile.readline()) != b".\r\n":
                    if not line:
                        return False
                    raw += line
                last = box.answer("END")
                if last == "":
                    box.messages.append(message_from_bytes(raw))
                    return False
                if last is None:
                    box.messages.append(message_from_bytes(raw))
                return self._say(last or "250 taken")
            return self._say("221 bye") if command == "QUIT" else self._say("250 fine")

        def _say(self, words: str) -> bool:
            self.wfile.write(f"{words}\r\n".encode())
            return not words.startswith("221")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield box
        server.shutdown()
        thread.join()
