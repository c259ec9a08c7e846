"""The Salesforce connector keeps the contract, over the sandbox's org, with and without the key field."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.connector_contract import ConnectorContract
from tests.contract.salesforce_crm import SalesforceCrm, salesforce_crm


class TestSalesforce(ConnectorContract):
    """An org with the unique external id on tasks: the first write is an upsert."""

    @pytest.fixture
    def crm(self, tmp_path: Path) -> Iterator[SalesforceCrm]:
        with salesforce_crm(tmp_path) as crm:
            yield crm


class TestSalesforceWithoutKeyField(ConnectorContract):
    """An org without it: tasks are created, and found by the last line of their text."""

    @pytest.fixture
    def crm(self, tmp_path: Path) -> Iterator[SalesforceCrm]:
        with salesforce_crm(tmp_path, has_task_key=False) as crm:
            yield crm
