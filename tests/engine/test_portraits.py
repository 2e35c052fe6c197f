"""What counts as somebody's picture, and which part of it the systems get."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageDraw

from samepic.engine.reasons import Code
from samepic.engine.status import status
from samepic.model import Account, Photo, Verdict, key
from samepic.practice.portraits import draw
from tests.engine.conftest import Office

pytestmark = pytest.mark.asyncio(loop_scope="module")


def photo(image: Image.Image) -> Photo:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=92)
    return Photo(out.getvalue(), "image/jpeg", image.size)


def bust() -> Image.Image:
    """Grey head and shoulders, as services draw them where there is no picture."""
    image = Image.new("RGB", (256, 256), "#c8c6c4")
    pencil = ImageDraw.Draw(image)
    pencil.ellipse((82, 46, 174, 138), fill="#f3f2f1")
    pencil.ellipse((41, 154, 215, 358), fill="#f3f2f1")
    return image


def on_a_wall(seed: str, left: int) -> Image.Image:
    """A wide picture with the person at one side of it."""
    wall = Image.new("RGB", (640, 300), (150, 170, 190))
    wall.paste(draw(seed, 300), (left, 0))
    return wall


async def test_a_placeholder_in_the_source_is_not_brought_anywhere(office: Office):
    office.hire("ada", "bob")
    await office.start()
    office.hr.place("ada", photo(bust()))
    before = await office.shows("ada")
    reasons = {line.decision.slot.ref: line.decision.reason.code for line in (await office.plan()).lines}
    assert reasons["ada"] is Code.SOURCE_PLACEHOLDER
    assert not (await office.sync()).outcomes
    assert await office.shows("ada") == before


async def test_a_placeholder_that_is_only_looked_at_is_shown_as_nobody_s(office: Office):
    office.hire("ada")
    office.another("attic").add(Account("ada", frozenset({key("id", "ada")})), photo(bust()))
    roll = await office.roll()
    (row,) = await status(office.org, roll, list(roll.persons))
    cell = row.cells["attic"]
    assert (cell.verdict, cell.reason.code) == (Verdict.NONE, Code.SOURCE_PLACEHOLDER)


async def test_a_face_at_the_edge_of_a_wide_picture_is_what_the_systems_get(office: Office):
    office.hire("ada", picture=False)
    wide = on_a_wall("ada", 340)
    office.hr.place("ada", photo(wide))
    await office.start()
    shown = await office.shows("ada")
    assert shown is not None
    image = Image.open(io.BytesIO(shown.data)).convert("RGB").resize((30, 30))
    wanted = draw("ada", 300).resize((30, 30))
    off = [abs(one - other) for one, other in zip(image.tobytes(), wanted.tobytes(), strict=True)]
    assert sum(off) / len(off) < 25
