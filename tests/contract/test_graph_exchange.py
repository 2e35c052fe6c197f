import pytest

from samepic.connectors.base import Surroundings
from samepic.connectors.conformance import ConnectorContract
from samepic.connectors.graph import GraphConnector, GraphOptions


class TestExchange(ConnectorContract):
    claims = frozenset({"guarded", "removes", "secrets", "versioned", "writes"})

    @pytest.fixture
    async def connector(self, application, someone, pilots):
        self.pilots = pilots
        options = GraphOptions(**application, settles_minutes=0)
        async with GraphConnector("exchange", options, Surroundings()) as connector:
            yield connector
            await connector.remove(someone)

    @pytest.fixture
    def someone(self, world):
        return world.person("none").id

    @pytest.fixture
    def secrets(self, private):
        return private

    def group(self):
        return "Pilots", self.pilots
