"""A rule about a group in Entra, from the right that is missing to the people it holds for."""

from __future__ import annotations

from tests.journey.conftest import Desk

RULE = """
[[rules]]
people = ["group:Pilots"]
consent = "required"
"""


def waiting(desk: Desk, *only: str) -> set[str]:
    """Who waits for their own consent."""
    return {one["name"] for one in desk.json("plan", *only)["steps"] if one["reason"]["code"] == "consent-missing"}


def told(desk: Desk, code: int) -> dict[str, str]:
    """What the doctor says of groups, by part."""
    return {one["part"]: one["message"] for one in desk.json("doctor", code=code) if one["about"] == "groups"}


def test_a_rule_holds_for_everybody_until_it_can_be_told_who_is_in_its_group(desk: Desk):
    settings = desk.folder / "samepic.toml"
    settings.write_text(settings.read_text() + RULE)
    members = {desk.tenant.case("in-sync"): "Pilots", desk.tenant.case("stale"): "Cadets"}
    for one, group in members.items():
        desk.control("PUT", f"/people/{one.id}/groups", json={"groups": [group]})
    desk.control("PUT", "/groups/Pilots/groups", json={"groups": ["Cadets"]})

    assert "may not be read" in told(desk, 1)["entra"]
    assert waiting(desk) > {one.name for one in members}

    desk.grant("GroupMember.Read.All")
    assert told(desk, 0) == dict.fromkeys(("exchange", "entra"), "2 accounts are in the group Pilots.")
    assert waiting(desk) == waiting(desk, "--only", "group:Pilots") == {one.name for one in members}
