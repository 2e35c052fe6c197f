import json

import pytest
from samepic_sample.album import AlbumConnector, AlbumOptions

from samepic.connectors.base import Surroundings
from samepic.connectors.conformance import ConnectorContract
from samepic.model import Level


def page(name):
    return {"mail": f"{name}@contoso.example", "name": name.title(), "picture": None}


class TestAlbum(ConnectorContract):
    claims = frozenset({"removes", "verbatim", "versioned", "writes"})

    @pytest.fixture
    async def connector(self, tmp_path):
        album = tmp_path / "album.json"
        album.write_text(json.dumps({name: page(name) for name in ("ada", "grace")}))
        async with AlbumConnector("album", AlbumOptions(path=album), Surroundings()) as connector:
            yield connector

    @pytest.fixture
    def someone(self):
        return "ada"


async def test_an_album_that_is_not_there_is_a_finding(tmp_path):
    async with AlbumConnector("album", AlbumOptions(path=tmp_path / "none.json"), Surroundings()) as connector:
        [finding] = await connector.check()
    assert finding.level is Level.PROBLEM
    assert "none.json cannot be read" in finding.message
