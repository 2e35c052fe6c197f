"""What a run costs in which nothing has happened, or one picture changed: as many requests as a formula says."""

import asyncio
from math import ceil

from bench.runs import runs
from bench.tenant import writes

from samepic.connectors.forecast import SHAREPOINT_WRITE

PEOPLE = 90
SIGN_INS = 2  # Graph, and the My Site host
A_PICTURE = 1 + SHAREPOINT_WRITE  # read from Graph, written to SharePoint
FIRST_WRITE = 3  # a token for the admin host, and the digests of two hosts


def test_nothing_changed_costs_a_batch_for_every_twenty_people_and_writes_nothing(tmp_path):
    first, idle, changed = asyncio.run(runs(PEOPLE, tmp_path))
    assert first.said["results"].keys() == {"done", "adopted"}
    assert not any(one.said["held"] or one.said["troubles"] for one in (first, idle, changed))
    assert writes(first.counted) > 0
    assert writes(idle.counted) == 0
    assert idle.said["steps"].keys() == {"Keep"}
    lists = ceil(PEOPLE / 999) + ceil(PEOPLE * 3 / 5000)
    assert idle.counted["total"] <= ceil(PEOPLE / 20) + lists + SIGN_INS
    assert changed.said["results"] == {"done": 1}
    assert changed.counted["total"] - idle.counted["total"] == A_PICTURE + FIRST_WRITE
