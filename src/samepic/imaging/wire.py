"""How parent and child talk over pipes: a frame is its length as four bytes, big-endian, and then that many bytes.

    request   frame media type, frame upload
    answer    frame "picture WIDTH HEIGHT ORIGINAL_WIDTH ORIGINAL_HEIGHT", frame pixels
          or  frame "picture ... LEFT TOP WIDTH HEIGHT" with the face that was found, frame pixels
          or  frame "unfit CODE", frame message

Nothing is unpickled and nothing is trusted: the child may have been taken over by the picture it decoded.
"""

from __future__ import annotations

import asyncio
from dataclasses import astuple
from typing import BinaryIO

from samepic.errors import Unfit
from samepic.imaging.picture import Face, Picture

_LENGTH = 4
_HEAD_CEILING = 96
_SIZES, _SIZES_AND_FACE = 4, 8  # how many numbers
_MESSAGE_CEILING = 1000


class Nonsense(Exception):
    """The child answered something that is not an answer."""


def frame(payload: bytes) -> bytes:
    return len(payload).to_bytes(_LENGTH, "big") + payload


def receive(stream: BinaryIO) -> bytes | None:
    """One frame; None where the other end has gone."""
    prefix = stream.read(_LENGTH)
    if len(prefix) < _LENGTH:
        return None
    length = int.from_bytes(prefix, "big")
    payload = stream.read(length)
    return payload if len(payload) == length else None


def send(stream: BinaryIO, answer: Picture | Unfit) -> None:
    if isinstance(answer, Picture):
        face = astuple(answer.face) if answer.face else ()
        head, body = " ".join(map(str, ("picture", *answer.size, *answer.original, *face))), answer.pixels
    else:
        head, body = f"unfit {answer.code}", answer.message.encode()
    stream.write(frame(head.encode()))
    stream.write(len(body).to_bytes(_LENGTH, "big"))
    stream.write(body)
    stream.flush()


async def answer(stream: asyncio.StreamReader, media_type: str, longest: int) -> Picture | Unfit:
    """The child's answer. Raises Nonsense, and asyncio.IncompleteReadError where the child has gone."""
    head = await _frame(stream, _HEAD_CEILING)
    match head.decode("ascii", "replace").split(" "):
        case ["picture", *numbers]:
            size, original, face = _measures(numbers, longest)
            length = size[0] * size[1] * 3
            pixels = await _frame(stream, length)
            if len(pixels) != length:
                raise Nonsense
            return Picture(pixels, size, original, media_type, face)
        case ["unfit", code]:
            message = await _frame(stream, _MESSAGE_CEILING)
            return Unfit(code, message.decode("utf-8", "replace"))
        case _:
            raise Nonsense


def _measures(numbers: list[str], longest: int) -> tuple[tuple[int, int], tuple[int, int], Face | None]:
    """Size, original size and face, within what they can be."""
    if len(numbers) not in {_SIZES, _SIZES_AND_FACE} or not all(map(_plain_number, numbers)):
        raise Nonsense
    width, height, original_width, original_height, *face = map(int, numbers)
    if not (0 < width <= longest and 0 < height <= longest):
        raise Nonsense
    return (width, height), (original_width, original_height), _face(face, width, height)


def _plain_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def _face(numbers: list[int], width: int, height: int) -> Face | None:
    if not numbers:
        return None
    face = Face(*numbers)
    if face.left + face.width > width or face.top + face.height > height:
        raise Nonsense
    return face


async def _frame(stream: asyncio.StreamReader, ceiling: int) -> bytes:
    length = int.from_bytes(await stream.readexactly(_LENGTH), "big")
    if length > ceiling:
        raise Nonsense
    return await stream.readexactly(length)
