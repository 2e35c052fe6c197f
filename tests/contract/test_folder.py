import pytest

from samepic.connectors.base import Surroundings
from samepic.connectors.conformance import ConnectorContract, drawn
from samepic.connectors.folder import FolderConnector, FolderOptions
from samepic.model import Demand


class TestFolder(ConnectorContract):
    claims = frozenset({"guarded", "removes", "verbatim", "versioned", "writes"})

    @pytest.fixture
    async def connector(self, tmp_path):
        pictures, people = tmp_path / "pictures", tmp_path / "people.txt"
        pictures.mkdir()
        (pictures / "grace@contoso.example.png").write_bytes(drawn("green", Demand(("image/png",))).data)
        people.write_text("# everybody\nada@contoso.example\ngrace@contoso.example\n")
        options = FolderOptions(path=pictures, people=people, side=240, max_bytes=100_000)
        async with FolderConnector("folder", options, Surroundings()) as connector:
            yield connector

    @pytest.fixture
    def someone(self):
        return "ada@contoso.example"
