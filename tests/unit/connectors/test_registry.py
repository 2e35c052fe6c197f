import pytest

from samepic.connectors.base import Connector
from samepic.connectors.memory import MemoryConnector
from samepic.connectors.registry import connector_kinds, load
from samepic.errors import SettingsError


def test_our_kinds_are_known():
    assert {"memory", "folder", "graph", "sharepoint"} <= connector_kinds().keys()


@pytest.mark.parametrize("kind", ["memory", "folder", "graph", "sharepoint"])
def test_every_kind_of_ours_loads(kind):
    assert issubclass(load(kind), Connector)


def test_a_kind_is_loaded_by_name():
    assert load("memory") is MemoryConnector


def test_an_unknown_kind_names_the_known_ones():
    with pytest.raises(SettingsError, match=r"'exchang'.*folder, graph, .*memory, sharepoint"):
        load("exchang")
