"""The two CRMs that the command line is let loose on, and homes for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from connectors.sandbox.book_making import make_book
from connectors.sandbox.hubspot.portal import HubSpotPortal
from connectors.sandbox.hubspot.settings import ALL_SCOPES, DEMO_TOKEN, PortalSettings
from connectors.sandbox.salesforce.org import SalesforceOrg
from connectors.sandbox.salesforce.settings import OrgSettings
from connectors.sandbox.server import RunningServer, serve
from service import clock
from tests.e2e.command_line import CommandLine, InProcess

DEALS = 40
READ_ONLY_TOKEN = "pat-na1-read-only"
READ_SCOPES = frozenset(scope for scope in ALL_SCOPES if not scope.endswith(".write"))


@dataclass(frozen=True, slots=True)
class Org:
    """A Salesforce org behind https, with the private key of its app on disk."""

    server: RunningServer[SalesforceOrg]
    key_file: Path

    @property
    def org(self) -> SalesforceOrg:
        """The org's own books."""
        return self.server.app

    @property
    def url(self) -> str:
        """Where the org answers."""
        return self.server.url


@dataclass(frozen=True, slots=True)
class Portal:
    """A HubSpot portal behind http."""

    server: RunningServer[HubSpotPortal]

    @property
    def portal(self) -> HubSpotPortal:
        """The portal's own books."""
        return self.server.app

    @property
    def url(self) -> str:
        """Where the portal answers."""
        return self.server.url


@pytest.fixture(scope="module")
def org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Org]:
    """An org with a small book of deals; one for a whole module."""
    folder = tmp_path_factory.mktemp("org")
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    key_file = folder / "jwt.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    key_file.write_bytes(private)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    book = make_book(7, deals=DEALS, today=clock.now().date())
    app = SalesforceOrg(book, OrgSettings(jwt_public_key_pem=public.decode()))
    with serve(app, now=clock.now, tls_folder=folder) as server:
        yield Org(server, key_file)


@contextmanager
def a_portal() -> Iterator[Portal]:
    """A portal with a small book of deals, and a second token that may only read; one for a whole module."""
    book = make_book(11, deals=DEALS, today=clock.now().date())
    settings = PortalSettings(tokens={DEMO_TOKEN: ALL_SCOPES, READ_ONLY_TOKEN: READ_SCOPES}, limits=None)
    with serve(HubSpotPortal(book, settings), now=clock.now) as server:
        yield Portal(server)


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    """One portal for the tests of a module."""
    with a_portal() as found:
        yield found


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A data folder that is not there yet."""
    return tmp_path / "home"


@pytest.fixture
def rekindle(home: Path) -> CommandLine:
    """The command line with that data folder."""
    return CommandLine(home)


@pytest.fixture
def here(home: Path) -> CommandLine:
    """The command line with that data folder, run inside the test's process because that is quicker."""
    return InProcess(home)
