import pytest

from samepic.connectors.base import Surroundings
from samepic.connectors.conformance import ConnectorContract
from samepic.connectors.ldap import LdapConnector
from tests.servers.ldapworld import CAST, directory, options
from tests.servers.slapd import PASSWORD, PEOPLE

__all__ = ["directory"]


class TestLdap(ConnectorContract):
    claims = frozenset({"guarded", "removes", "secrets", "verbatim", "versioned", "writes"})

    @pytest.fixture
    async def connector(self, directory):
        self.pilots = [directory.ref(f"uid={uid},{PEOPLE}") for uid in CAST[:2]]
        async with LdapConnector("ldap", options(directory), Surroundings()) as connector:
            yield connector

    @pytest.fixture
    def someone(self, directory):
        directory.set(f"uid=ada,{PEOPLE}")
        return directory.ref(f"uid=ada,{PEOPLE}")

    @pytest.fixture
    def secrets(self):
        return (PASSWORD,)

    def group(self):
        return "Pilots", self.pilots
