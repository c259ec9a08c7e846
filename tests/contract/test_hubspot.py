"""The contract over HubSpot, as it is now and with the dated API version."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.errors import NeedsReconnect
from tests.contract.connector_contract import ConnectorContract
from tests.contract.crm import Breaks
from tests.contract.hubspot_crm import HubSpotCrm, hubspot_crm


class TestHubSpot(ConnectorContract):
    """v3, which every account still answers."""

    @pytest.fixture
    def crm(self) -> Iterator[HubSpotCrm]:
        with hubspot_crm() as crm:
            yield crm

    def test_an_expired_token_is_renewed_and_the_call_repeated(self, crm: HubSpotCrm) -> None:  # type: ignore[override]
        """A static token is never renewed: whatever a 401 calls itself, a person has to enter a new one."""
        key = crm.add_deal()
        crm.breaks(Breaks.LOGIN_IS_REFUSED)
        with pytest.raises(NeedsReconnect):
            list(crm.connector.get_deals([key]))
        assert crm.clock.slept == []


class TestHubSpotDated(TestHubSpot):
    """2026-09 through the same gateway."""

    @pytest.fixture
    def crm(self) -> Iterator[HubSpotCrm]:
        with hubspot_crm(options={"api_version": "2026-09"}) as crm:
            yield crm
