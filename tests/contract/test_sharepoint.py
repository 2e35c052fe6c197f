import pytest

from samepic.connectors.base import Surroundings
from samepic.connectors.conformance import ConnectorContract
from samepic.connectors.sharepoint import SharePointConnector, SharePointOptions


class TestSharePoint(ConnectorContract):
    claims = frozenset({"guarded", "removes", "secrets", "verbatim", "versioned", "writes"})

    @pytest.fixture
    async def connector(self, world, application, someone):
        options = SharePointOptions(
            **application,
            site=world.sharepoint,
            my_site=world.sharepoint_my,
            admin_site=world.sharepoint_admin,
            start=world.start,
        )
        async with SharePointConnector("sharepoint", options, Surroundings()) as connector:
            yield connector
            await connector.remove(someone)

    @pytest.fixture
    def someone(self, world):
        return world.person("none").id

    @pytest.fixture
    def secrets(self, private):
        return private
