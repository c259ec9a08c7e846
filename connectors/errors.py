"""What can go wrong with a CRM, and whether to try again.

    ConnectorError
    ├── Transient             retry: Unreachable, ServerError, RateLimited(retry_after_s)
    ├── Unclear               the write may have happened: look before writing again
    ├── ConnectorFault        a fault in the connector itself: as Unclear, and the write is tried alone
    └── Permanent             do not retry: NeedsReconnect, MissingPermission(scope), Rejected(fields), Gone,
                              Unsupported, UntrustedCertificate

A message says what failed and what the reader can do. It never holds a token, a request's body or a full URL.
"""

from __future__ import annotations

from collections.abc import Sequence


class ConnectorError(Exception):
    """Something between us and the CRM. `reason` is machine-readable, and the label of the metric."""

    reason = "connector_error"

    def __init__(self, what: str, *, remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.what} {self.remedy}".strip()


class Transient(ConnectorError):
    """Retry, after `retry_after_s` seconds where the CRM named a time."""

    reason = "transient"

    def __init__(self, what: str, *, remedy: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(what, remedy=remedy)
        self.retry_after_s = retry_after_s


class Unreachable(Transient):
    """No connection was made, or a read was cut: nothing was changed in the CRM."""

    reason = "unreachable"


class ServerError(Transient):
    """The CRM failed on its side, and said so before changing anything."""

    reason = "server_error"


class RateLimited(Transient):
    """A limit is used up. `policy` is the CRM's own name for it (TEN_SECONDLY_ROLLING, DAILY, ...).

    `is_named_by_crm` says that the wait is the CRM's own word, and not what its limit is known to need.
    """

    reason = "rate_limited"

    def __init__(
        self,
        what: str,
        *,
        remedy: str = "",
        retry_after_s: float | None = None,
        policy: str = "",
        is_named_by_crm: bool = False,
    ) -> None:
        super().__init__(what, remedy=remedy, retry_after_s=retry_after_s)
        self.policy = policy
        self.is_named_by_crm = is_named_by_crm


class Unclear(ConnectorError):
    """The answer to a write was lost: it may have happened. Look before writing again."""

    reason = "unclear"


class ConnectorFault(ConnectorError):
    """The connector's own code failed. What it was writing may have happened; see `connectors.guard`."""

    reason = "connector_fault"


class Permanent(ConnectorError):
    """Trying again changes nothing."""

    reason = "permanent"


class NeedsReconnect(Permanent):
    """The credentials are refused; a person has to enter new ones."""

    reason = "needs_reconnect"


class MissingPermission(Permanent):
    """The token may not do this. `scope` names the missing right in the CRM's words.

    `is_general` says that it may do this to no record at all, not only to the one it was about.
    """

    reason = "missing_permission"

    def __init__(self, what: str, *, scope: str = "", remedy: str = "", is_general: bool = False) -> None:
        super().__init__(what, remedy=remedy)
        self.scope = scope
        self.is_general = is_general


class Rejected(Permanent):
    """The CRM refused the content. `code` and `fields` are the CRM's words."""

    reason = "rejected"

    def __init__(self, what: str, *, code: str = "", fields: Sequence[str] = (), remedy: str = "") -> None:
        super().__init__(what, remedy=remedy)
        self.code = code
        self.fields = tuple(fields)


class Gone(Permanent):
    """The record no longer exists."""

    reason = "gone"


class Unsupported(Permanent):
    """This account does not have that endpoint, object or feature."""

    reason = "unsupported"


class UntrustedCertificate(Permanent):
    """The server's certificate is signed by nobody we trust."""

    reason = "untrusted_certificate"
