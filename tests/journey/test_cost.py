"""What a run costs in which nothing has happened: no write, and a number of requests that a formula says."""

import asyncio
from math import ceil

from bench.runs import runs
from bench.tenant import writes

PEOPLE = 90
SYSTEMS = 3
SIGN_INS = 4  # a token each for exchange, entra, and sharepoint's Graph and My Site host


def test_nothing_changed_costs_a_batch_for_every_twenty_people_and_writes_nothing(tmp_path):
    first, idle, changed = asyncio.run(runs(PEOPLE, tmp_path))
    assert first.said["results"].keys() == {"done", "adopted"}
    assert not any(one.said["held"] or one.said["troubles"] for one in (first, idle, changed))
    assert writes(first.counted) > 0
    assert writes(idle.counted) == 0
    assert idle.said["steps"].keys() == {"Keep"}
    lists = SYSTEMS * ceil(PEOPLE / 999) + ceil(PEOPLE * 3 / 5000)
    assert idle.counted["total"] <= ceil(PEOPLE / 20) + lists + SIGN_INS
    assert changed.said["results"] == {"done": 1}
