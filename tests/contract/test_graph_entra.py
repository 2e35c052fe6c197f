import pytest

from samepic.connectors.base import Surroundings
from samepic.connectors.conformance import ConnectorContract
from samepic.connectors.graph import GraphConnector, GraphOptions


class TestEntra(ConnectorContract):
    claims = frozenset({"guarded", "removes", "secrets", "versioned", "writes"})

    @pytest.fixture
    async def connector(self, application, someone, pilots):
        self.pilots = pilots
        options = GraphOptions(**application, store="entra", settles_minutes=0)
        async with GraphConnector("entra", options, Surroundings()) as connector:
            yield connector
            await connector.remove(someone)

    @pytest.fixture
    def someone(self, world, control):
        ref = world.person("no-mailbox").id
        control.delete(f"/people/{ref}/entra/picture").raise_for_status()
        return ref

    @pytest.fixture
    def secrets(self, private):
        return private

    def group(self):
        return "Pilots", self.pilots
