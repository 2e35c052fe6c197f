import pytest

from samepic.connectors.base import Surroundings
from samepic.connectors.conformance import ConnectorContract
from samepic.connectors.memory import MemoryConnector, MemoryOptions
from samepic.model import Account, key


class TestMemory(ConnectorContract):
    claims = frozenset({"guarded", "removes", "verbatim", "versioned", "writes"})

    @pytest.fixture(params=[(648,), (48, 72, 200)], ids=["one size", "three sizes"])
    async def connector(self, request):
        async with MemoryConnector("memory", MemoryOptions(sides=request.param), Surroundings()) as connector:
            for name in ("ada", "grace"):
                connector.add(Account(name, frozenset({key("mail", f"{name}@contoso.example")})))
            connector.gather("Pilots", ["grace"])
            yield connector

    @pytest.fixture
    def someone(self):
        return "ada"

    def group(self):
        return "Pilots", ["grace"]
