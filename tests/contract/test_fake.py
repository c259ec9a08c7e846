"""The CRM in memory keeps the contract, so that what is tested over it holds over a real one."""

from __future__ import annotations

import pytest

from tests.contract.connector_contract import ConnectorContract
from tests.contract.fake_crm import FakeCrm, fake_crm


class TestFake(ConnectorContract):
    """As the tests of the line use it: a task is found by its key, and only a look keeps it single."""

    @pytest.fixture
    def crm(self) -> FakeCrm:
        return fake_crm()


class TestFakeWithKeyField(ConnectorContract):
    """With a unique key on tasks: the first write is an upsert."""

    @pytest.fixture
    def crm(self) -> FakeCrm:
        return fake_crm(has_key_field=True)
