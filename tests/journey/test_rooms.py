"""Rooms get their pictures from a folder, and no person is taken for a room."""

from __future__ import annotations

from tests.engine.conftest import portrait
from tests.journey.conftest import Desk


def test_a_room_gets_its_picture_from_a_folder_and_people_of_that_address_do_not(desk: Desk):
    folder = desk.feed("room", "MailboxSettings.Read")
    for case in ("room", "in-sync"):
        (folder / f"{desk.tenant.case(case).upn}.jpg").write_bytes(portrait(case).data)
    before = {case: desk.pictures(case)["mailbox"] for case in ("room", "in-sync")}
    desk.samepic("plan", "--save", "plan.json", "--only", "kind:room*")
    desk.samepic("apply", "plan.json")
    assert desk.pictures("in-sync")["mailbox"] == before["in-sync"]
    assert desk.pictures("room")["mailbox"] != before["room"]
    seats = {one["name"]: one for one in desk.json("matching")["people"] if one["kind"] == "room"}
    both = next(one for one in seats.values() if len(one["accounts"]) == 2)
    assert {seat["system"] for seat in both["accounts"]} == {"rooms", "disk"}
    alone = [one for one in seats.values() if [seat["system"] for seat in one["accounts"]] == ["disk"]]
    assert len(alone) == 1, "the person of that address is no room"
