"""Adding a picture: chosen, turned, cut by mouse or keyboard, with and without scripts; refused with a reason."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

USE = re.compile("Use this picture|Использовать эту")


def upload(page: Page, file: Path, *, scripts: bool = True) -> None:
    page.locator("#file").set_input_files(file)
    if not scripts:
        page.locator("#choose button").click()
    page.wait_for_url(re.compile(r"/photo/\d+"))


def mailbox(town, who) -> str | None:
    return town.pictures(who)["mailbox"]


@pytest.mark.parametrize(
    "window",
    [
        pytest.param({"phone": False, "language": "en", "scripts": True}, id="desk-en"),
        pytest.param({"phone": True, "language": "ru", "scripts": False}, id="phone-ru-without-scripts"),
        pytest.param({"phone": True, "language": "en", "scripts": True}, id="phone-en"),
        pytest.param({"phone": False, "language": "ru", "scripts": False}, id="desk-ru-without-scripts"),
    ],
)
def test_a_picture_from_a_phone_becomes_the_picture_in_the_mailbox(town, visit, phone_file, window):
    who = town.somebody("none", "in-sync")
    before = mailbox(town, who)
    visitor = visit(**window)
    visitor.sign_in(who)
    page = visitor.open("/photo")
    upload(page, phone_file, scripts=window["scripts"])
    page.get_by_role("button", name=USE).click()
    page.wait_for_url(re.compile("said=picture-set"))
    assert mailbox(town, who) not in {None, before}


def test_the_square_is_moved_by_dragging_and_zoomed_with_the_wheel(town, visit, phone_file):
    who = town.somebody("in-sync")
    visitor = visit()
    visitor.sign_in(who)
    page = visitor.open("/photo")
    upload(page, phone_file)
    started = _cut(page)
    stage = page.locator("canvas, .stage").first
    box = stage.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.wheel(0, -400)
    page.wait_for_function("start => document.querySelector('input[name=side]').value < start", arg=started["side"])
    zoomed = _cut(page)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 - 80, box["y"] + box["height"] / 2 - 60, steps=5)
    page.mouse.up()
    assert _cut(page)["left"] > zoomed["left"]
    assert _cut(page)["top"] > zoomed["top"]
    before = mailbox(town, who)
    page.get_by_role("button", name=USE).click()
    page.wait_for_url(re.compile("said=picture-set"))
    assert mailbox(town, who) not in {None, before}


def test_the_square_is_moved_with_the_keyboard_alone(town, visit, phone_file):
    who = town.somebody("never-visited")
    visitor = visit()
    visitor.sign_in(who)
    page = visitor.open("/photo")
    upload(page, phone_file)
    started, before = _cut(page), mailbox(town, who)
    page.get_by_label("How much of it").focus()
    for _ in range(10):
        page.keyboard.press("ArrowLeft")
    page.get_by_label("Up and down").focus()
    page.keyboard.press("Home")
    moved = _cut(page)
    assert moved["side"] < started["side"]
    assert moved["top"] == 0
    page.get_by_role("button", name="Turn right").focus()
    page.keyboard.press("Enter")
    expect(page.locator("input[name=turn]").first).to_have_value("90")
    page.get_by_role("button", name=USE).focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("said=picture-set"))
    assert mailbox(town, who) not in {None, before}


def test_a_change_is_taken_back_and_a_picture_removed(town, visit, phone_file):
    who = town.somebody("stale")
    visitor = visit()
    visitor.sign_in(who)
    page = visitor.open("/photo")
    upload(page, phone_file)
    page.get_by_role("button", name=USE).click()
    page.wait_for_url(re.compile("said=picture-set"))
    mine = mailbox(town, who)
    visitor.open("/photo")
    page.get_by_role("button", name="Take back the last change").click()
    expect(page.get_by_role("status").first).to_contain_text("Taken back")
    assert mailbox(town, who) not in {None, mine}
    visitor.open("/photo")
    page.get_by_text("Remove your picture").click()
    page.get_by_role("button", name="Remove my picture").click()
    expect(page.get_by_role("status").first).to_contain_text("taken away")
    assert mailbox(town, who) is None


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cv.jpg", b"Dear Sir or Madam, " * 50),
        ("me.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        ("half.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 100),
        ("empty.jpg", b""),
    ],
)
def test_what_is_no_picture_is_refused_with_a_reason(town, visit, tmp_path, name, content):
    who = town.somebody("in-sync") if name == "cv.jpg" else town.portal.tenant.person("in-sync")
    before = mailbox(town, who)
    file = tmp_path / name
    file.write_bytes(content)
    visitor = visit()
    visitor.sign_in(who)
    page = visitor.open("/photo")
    page.locator("#file").set_input_files(file)
    expect(page.get_by_role("alert").first).to_be_visible()
    assert len(page.get_by_role("alert").first.inner_text()) > 20
    assert mailbox(town, who) == before


def _cut(page: Page) -> dict[str, float]:
    """Where the square is, as the form would send it."""
    return {name: float(page.locator(f"input[name={name}]").first.input_value()) for name in ("left", "top", "side")}
