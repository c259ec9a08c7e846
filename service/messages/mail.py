"""Messages by e-mail, through the operator's mail server."""

from __future__ import annotations

import os
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from urllib.parse import parse_qs, unquote, urlsplit

from service.config import Settings
from service.errors import UsageFault
from service.messages.outcomes import NotSentError, RefusedError, UnclearError

PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mail goes out. `is_tls`: encrypted from the first byte; else by STARTTLS, where `starttls` wants it."""

    host: str
    port: int
    is_tls: bool
    starttls: bool
    user: str
    password: str
    sender: str


def mail_server(url: str) -> MailServer:
    """From smtp://USER:PASSWORD@HOST:PORT?from=ADDRESS (or smtps://). Raises UsageFault; the address is not repeated.

    smtp:// uses STARTTLS, unless it says ?starttls=off.
    """
    remedy = "It is smtp://USER:PASSWORD@HOST:PORT?from=ADDRESS, or smtps://."
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise UsageFault("REKINDLE_SMTP_URL is no address of a mail server.", remedy=remedy) from error
    if parts.scheme not in PORTS or not host:
        raise UsageFault("REKINDLE_SMTP_URL is no address of a mail server.", remedy=remedy)
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    user = unquote(parts.username or "")
    sender = options.get("from") or (user if "@" in user else f"rekindle@{host}")
    return MailServer(
        host=host,
        port=port or PORTS[parts.scheme],
        is_tls=parts.scheme == "smtps",
        starttls=options.get("starttls", "on") != "off",
        user=user,
        password=unquote(parts.password or ""),
        sender=sender,
    )


def send_mail(
    settings: Settings, *, to: str, name: str, subject: str, text: str, message_id: str, now: datetime
) -> None:
    """Send one message. Raises NotSentError, RefusedError or UnclearError."""
    if not settings.smtp_url:
        raise NotSentError("No mail server is set: REKINDLE_SMTP_URL is empty.")
    server = mail_server(settings.smtp_url)
    message = _composed(server, to=to, name=name, subject=subject, text=text, message_id=message_id, now=now)
    with _session(server, settings) as session:
        _hand_over(session, server, to, message)


def _composed(
    server: MailServer, *, to: str, name: str, subject: str, text: str, message_id: str, now: datetime
) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = " ".join(subject.split())
    message["From"] = formataddr(("Rekindle", server.sender))
    message["To"] = formataddr((" ".join(name.split()), to))
    message["Date"] = format_datetime(now)
    # The same for every try, so that a mailbox which got it twice after all shows it once.
    message["Message-ID"] = f"<{message_id}@{server.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    return message


@contextmanager
def _session(server: MailServer, settings: Settings) -> Iterator[smtplib.SMTP]:
    """Logged in at the server. Until then nothing was sent, whatever happens."""
    session: smtplib.SMTP | None = None
    try:
        context = _tls(settings)
        timeout = settings.http_read_timeout_s
        if server.is_tls:
            session = smtplib.SMTP_SSL(server.host, server.port, timeout=timeout, context=context)
        else:
            session = smtplib.SMTP(server.host, server.port, timeout=timeout)
            if server.starttls:
                session.starttls(context=context)
        if server.user:
            session.login(server.user, server.password)
    except (OSError, smtplib.SMTPException) as error:
        if session is not None:
            session.close()
        raise NotSentError(f"The mail server {server.host} takes nothing ({type(error).__name__}).") from error
    try:
        yield session
    finally:
        session.close()


def _hand_over(session: smtplib.SMTP, server: MailServer, to: str, message: EmailMessage) -> None:
    try:
        session.send_message(message, from_addr=server.sender, to_addrs=[to])
    except smtplib.SMTPRecipientsRefused as error:
        code = next((code for code, _ in error.recipients.values()), 550)
        raise _answered(code, f"The mail server refuses {to} ({code}).") from error
    except smtplib.SMTPResponseException as error:
        raise _answered(error.smtp_code, f"The mail server refuses the message ({error.smtp_code}).") from error
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        if isinstance(error, UnicodeError | smtplib.SMTPNotSupportedError):
            raise RefusedError(f"{to} is no address this mail server knows how to write to.") from error
        raise UnclearError("The mail server did not say whether it took the message.") from error


def _answered(code: int, says: str) -> Exception:
    return NotSentError(says) if 400 <= code < 500 else RefusedError(says)


def _tls(settings: Settings) -> ssl.SSLContext:
    files = settings.ca_file.split(os.pathsep) if settings.ca_file else []
    context = ssl.create_default_context(cafile=files[0] if files else None)
    for more in files[1:]:
        context.load_verify_locations(more)
    return context
