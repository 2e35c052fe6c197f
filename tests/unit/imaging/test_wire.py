"""The parent believes nothing that does not look like an answer."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace

import pytest

from samepic.errors import Unfit
from samepic.imaging import wire
from samepic.imaging.picture import Face, Picture

PICTURE = Picture(bytes(range(24)), (4, 2), (400, 200), "image/png")


async def heard(data: bytes) -> Picture | Unfit:
    stream = asyncio.StreamReader()
    stream.feed_data(data)
    stream.feed_eof()
    return await wire.answer(stream, "image/png", 2048)


def sent(answer: Picture | Unfit) -> bytes:
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
