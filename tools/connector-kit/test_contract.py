import pytest

from samepic.connectors.acme import AcmeConnector, AcmeOptions
from samepic.connectors.base import Surroundings
from samepic.connectors.conformance import ConnectorContract
from samepic.secret import Secret
from tests.servers.acme import TOKEN, AcmeWorld


class TestAcme(ConnectorContract):
    claims = frozenset({"guarded", "removes", "secrets", "verbatim", "versioned", "writes"})

    @pytest.fixture
    async def connector(self, monkeypatch):
        monkeypatch.setenv("ACME_TOKEN", TOKEN)
        world = AcmeWorld()
        options = AcmeOptions(address="https://acme.example", token=Secret.parse("env:ACME_TOKEN"))
        async with AcmeConnector("acme", options, Surroundings(transport=world, sleep=world.sleep)) as connector:
            yield connector

    @pytest.fixture
    def someone(self):
        return "p001"

    @pytest.fixture
    def secrets(self):
        return (TOKEN,)
