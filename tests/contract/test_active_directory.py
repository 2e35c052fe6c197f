import pytest

from samepic.connectors.active_directory import ActiveDirectoryConnector
from samepic.connectors.base import Surroundings
from samepic.connectors.conformance import ConnectorContract
from tests.servers.domain import domain, options
from tests.servers.samba import CAST, PASSWORD, PEOPLE

__all__ = ["domain"]


class TestActiveDirectory(ConnectorContract):
    claims = frozenset({"guarded", "removes", "secrets", "verbatim", "versioned", "writes"})

    @pytest.fixture(params=["thumbnailPhoto", "jpegPhoto"])
    def attribute(self, request):
        return request.param

    @pytest.fixture
    async def connector(self, domain, attribute):
        self.staff = [domain.ref(f"CN={name},{PEOPLE}") for name in CAST[:3]]
        async with ActiveDirectoryConnector("ad", options(domain, attribute=attribute), Surroundings()) as connector:
            yield connector

    @pytest.fixture
    def someone(self, domain, attribute):
        domain.set(f"CN=ada,{PEOPLE}", attribute=attribute)
        return domain.ref(f"CN=ada,{PEOPLE}")

    @pytest.fixture
    def secrets(self):
        return (PASSWORD,)

    def group(self):
        return "staff", self.staff
