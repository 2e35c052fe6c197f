"""Groups get their pictures from a folder named by mail, and no person is taken for a group."""

from __future__ import annotations

from tests.engine.conftest import portrait
from tests.journey.conftest import Desk


def test_a_group_gets_its_picture_from_a_folder_and_a_person_of_that_address_does_not(desk: Desk):
    folder = desk.feed("group", "Group.Read.All")
    person = desk.tenant.case("in-sync").upn
    for address in ("allcompany@contoso.example", person):
        (folder / f"{address}.jpg").write_bytes(portrait(address).data)
    before = desk.pictures("in-sync")
    desk.samepic("plan", "--save", "plan.json", "--only", "kind:group*")
    desk.samepic("apply", "plan.json")
    assert desk.pictures("in-sync") == before
    groups = [one for one in desk.json("matching")["people"] if one["kind"] == "group"]
    systems = {one["name"]: sorted(seat["system"] for seat in one["accounts"]) for one in groups}
    assert systems["All Company"] == ["disk", "groups"]
    assert sorted(systems.values()) == [["disk"], ["disk", "groups"], ["groups"]], "nobody of that address is a group"
    rows = {row["name"]: row["systems"] for row in desk.json("status")}
    assert rows["All Company"]["groups"]["verdict"] == "same"
