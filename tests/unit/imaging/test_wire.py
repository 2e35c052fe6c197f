"""The parent believes nothing that does not look like an answer."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace

import pytest

from samepic.errors import Unfit
from samepic.imaging import wire
from samepic.imaging.appearance import Appearance
from samepic.imaging.likeness import LENGTH, Signature
from samepic.imaging.picture import Face, Picture
from samepic.imaging.wire import Reading

PICTURE = Picture(bytes(range(24)), (4, 2), (400, 200), "image/png")
SIGNATURE = Signature(bytes(range(256)) * 9, (bytes(576), bytes(576)), 48)
APPEARANCE = Appearance((SIGNATURE, replace(SIGNATURE, side=96)), (400, 200))


async def heard(data: bytes, reading: Reading = Reading.PIXELS) -> wire.Answer:
    stream = asyncio.StreamReader()
    stream.feed_data(data)
    stream.feed_eof()
    return await wire.answer(stream, "image/png", reading, 2048)


def sent(answer: wire.Answer) -> bytes:
    out = io.BytesIO()
    wire.send(out, answer)
    return out.getvalue()


async def test_a_picture_arrives_as_it_was_sent() -> None:
    assert await heard(sent(PICTURE)) == PICTURE


async def test_faces_arrive_with_their_picture() -> None:
    for faces in ((), (Face(1, 0, 3, 2),), (Face(1, 0, 3, 2), Face(0, 0, 1, 1))):
        seen = replace(PICTURE, faces=faces, tilt=90)
        assert await heard(sent(seen)) == seen


async def test_a_refusal_arrives_as_it_was_sent() -> None:
    answer = await heard(sent(Unfit("damaged", "Dieses Bild ist beschädigt.")))
    assert isinstance(answer, Unfit)
    assert (answer.code, answer.message) == ("damaged", "Dieses Bild ist beschädigt.")


async def test_an_appearance_arrives_as_it_was_sent() -> None:
    assert await heard(sent(APPEARANCE), Reading.APPEARANCE) == APPEARANCE
    for placeholder in (True, False):
        told = replace(APPEARANCE, placeholder=placeholder)
        assert await heard(sent(told), Reading.WHOSE) == told


@pytest.mark.parametrize("reading", Reading)
def test_a_request_says_what_is_wanted(reading: Reading) -> None:
    head = wire.receive(io.BytesIO(wire.request("image/png", reading)))
    assert head is not None
    assert wire.requested(head) == ("image/png", reading)


async def test_an_answer_to_another_question_is_none() -> None:
    with pytest.raises(wire.Nonsense):
        await heard(sent(APPEARANCE), Reading.PIXELS)
    with pytest.raises(wire.Nonsense):
        await heard(sent(PICTURE), Reading.APPEARANCE)
    with pytest.raises(wire.Nonsense):
        await heard(sent(APPEARANCE), Reading.WHOSE)
    with pytest.raises(wire.Nonsense):
        await heard(sent(replace(APPEARANCE, placeholder=True)), Reading.APPEARANCE)


ABOUT = wire.frame(b"appearance 400 200")
ONE = SIGNATURE.to_bytes()


@pytest.mark.parametrize(
    "data",
    [
        wire.frame(b"appearance 400") + wire.frame(ONE),
        wire.frame(b"appearance 400 yes") + wire.frame(ONE),
        wire.frame(b"appearance 400 -200") + wire.frame(ONE),
        ABOUT + wire.frame(b""),
        ABOUT + wire.frame(ONE[:-1]),
        ABOUT + wire.frame(ONE + ONE[:1]),
        ABOUT + wire.frame(4 * ONE),
        ABOUT + wire.frame(b"\x02" + ONE[1:]),
        ABOUT + wire.frame(ONE[:1] + b"\0\0" + ONE[3:]),
        ABOUT + wire.frame(bytes(LENGTH)),
    ],
)
async def test_an_appearance_that_cannot_be_is_nonsense(data: bytes) -> None:
    with pytest.raises(wire.Nonsense):
        await heard(data, Reading.APPEARANCE)


@pytest.mark.parametrize(
    "data",
    [
        wire.frame(b"hello"),
        wire.frame(b"\xff\xfe"),
        wire.frame(b"picture 4 2 400") + wire.frame(bytes(24)),
        wire.frame(b"picture 4 2 400 -1") + wire.frame(bytes(24)),
        wire.frame(b"picture 0 2 400 200") + wire.frame(b""),
        wire.frame(b"picture 4 2 400 200") + wire.frame(bytes(23)),
        wire.frame(b"picture 4 2 400 200") + wire.frame(bytes(25)),
        wire.frame(b"picture 4 2 400 200 1") + wire.frame(bytes(24)),
        wire.frame(b"picture 4 2 400 200 45 0 0 1 1") + wire.frame(bytes(24)),
        wire.frame(b"picture 4 2 400 200 0 2 0 3 2") + wire.frame(bytes(24)),
        wire.frame(b"picture 4 2 400 200 0 0 0 -1 2") + wire.frame(bytes(24)),
        wire.frame(b"picture 4 2 400 200 0 0 0 1") + wire.frame(bytes(24)),
        wire.frame(b"picture 4 2 400 200 " + b"0 " * 200) + wire.frame(bytes(24)),
        wire.frame("picture 4 2 400 ٢".encode()) + wire.frame(bytes(24)),
        wire.frame(b"picture 4096 4096 1 1"),
        b"\xff\xff\xff\xff",
        wire.frame(b"unfit damaged") + b"\xff\xff\xff\xff",
    ],
)
async def test_nonsense_is_recognised(data: bytes) -> None:
    with pytest.raises(wire.Nonsense):
        await heard(data)


@pytest.mark.parametrize("length", range(0, 50, 7))
async def test_an_answer_that_breaks_off_is_not_an_answer(length: int) -> None:
    with pytest.raises(asyncio.IncompleteReadError):
        await heard(sent(PICTURE)[:length])


def test_a_request_that_breaks_off_is_none() -> None:
    assert wire.receive(io.BytesIO(wire.frame(b"abc"))) == b"abc"
    for length in range(6):
        assert wire.receive(io.BytesIO(wire.frame(b"abc")[:length])) is None
