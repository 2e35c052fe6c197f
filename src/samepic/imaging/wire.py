"""How parent and child talk over pipes: a frame is its length as four bytes, big-endian, and then that many bytes.

    request   frame "MEDIA_TYPE READING", frame upload
    answer    frame "picture WIDTH HEIGHT ORIGINAL_WIDTH ORIGINAL_HEIGHT", frame pixels
          or  frame "picture ... TILT", followed by "LEFT TOP WIDTH HEIGHT" for each face that was found, frame pixels
          or  frame "appearance ORIGINAL_WIDTH ORIGINAL_HEIGHT", and 0 or 1 for a placeholder, frame signatures
          or  frame "unfit CODE", frame message

Nothing is unpickled and nothing is trusted: the child may have been taken over by the picture it decoded.
"""

from __future__ import annotations

import asyncio
from dataclasses import astuple
from enum import StrEnum
from itertools import chain
from typing import BinaryIO

from samepic.errors import Unfit
from samepic.imaging import likeness
from samepic.imaging.appearance import MOST_SIGNATURES, Appearance
from samepic.imaging.picture import Face, Picture
from samepic.imaging.turning import TURNS, Size

_LENGTH = 4
_HEAD_CEILING = 256
_SIZES, _FACE, _SIDES = 4, 4, 2  # how many numbers
_MESSAGE_CEILING = 1000


class Reading(StrEnum):
    """What is wanted of an upload: its pixels, those and its faces; how it looks, that and whether it is anybody's."""

    PIXELS = "pixels"
    CLOSELY = "closely"
    APPEARANCE = "appearance"
    WHOSE = "whose"


_APPEARANCES = (Reading.APPEARANCE, Reading.WHOSE)


Answer = Picture | Appearance | Unfit


class Nonsense(Exception):
    """The child answered something that is not an answer."""


def frame(payload: bytes) -> bytes:
    return len(payload).to_bytes(_LENGTH, "big") + payload


def request(media_type: str, reading: Reading) -> bytes:
    """The first frame of one; the upload follows."""
    return frame(f"{media_type} {reading}".encode())


def requested(head: bytes) -> tuple[str, Reading]:
    """Its media type, and what is wanted."""
    media_type, reading = head.decode().split(" ")
    return media_type, Reading(reading)


def receive(stream: BinaryIO) -> bytes | None:
    """One frame; None where the other end has gone."""
    prefix = stream.read(_LENGTH)
    if len(prefix) < _LENGTH:
        return None
    length = int.from_bytes(prefix, "big")
    payload = stream.read(length)
    return payload if len(payload) == length else None


def send(stream: BinaryIO, answer: Answer) -> None:
    words, body = _told(answer)
    stream.write(frame(" ".join(map(str, words)).encode()))
    stream.write(len(body).to_bytes(_LENGTH, "big"))
    stream.write(body)
    stream.flush()


def _told(answer: Answer) -> tuple[tuple[str | int, ...], bytes]:
    match answer:
        case Picture():
            return ("picture", *answer.size, *answer.original, *_numbers(answer)), answer.pixels
        case Appearance():
            signatures = b"".join(one.to_bytes() for one in answer.signatures)
            told = () if answer.placeholder is None else (int(answer.placeholder),)
            return ("appearance", *answer.original, *told), signatures
        case Unfit():
            return ("unfit", answer.code), answer.message.encode()


def _numbers(picture: Picture) -> list[int]:
    """What is told of its faces: nothing where nobody looked."""
    if picture.faces is None:
        return []
    return [picture.tilt, *chain.from_iterable(map(astuple, picture.faces))]


async def answer(stream: asyncio.StreamReader, media_type: str, reading: Reading, longest: int) -> Answer:
    """The child's answer: what `reading` wants, or Unfit.

    Raises Nonsense, and asyncio.IncompleteReadError where the child has gone.
    """
    head = await _frame(stream, _HEAD_CEILING)
    match head.decode("ascii", "replace").split(" "):
        case ["picture", *numbers] if reading not in _APPEARANCES:
            size, original, (faces, tilt) = _measures(numbers, longest)
            length = size[0] * size[1] * 3
            pixels = await _frame(stream, length)
            if len(pixels) != length:
                raise Nonsense
            return Picture(pixels, size, original, media_type, faces, tilt)
        case ["appearance", *numbers] if reading in _APPEARANCES:
            original, placeholder = _about(numbers, whose=reading is Reading.WHOSE)
            return Appearance(
                _signatures(await _frame(stream, MOST_SIGNATURES * likeness.LENGTH)), original, placeholder
            )
        case ["unfit", code]:
            message = await _frame(stream, _MESSAGE_CEILING)
            return Unfit(code, message.decode("utf-8", "replace"))
        case _:
            raise Nonsense


def _about(numbers: list[str], *, whose: bool) -> tuple[Size, bool | None]:
    """Original size, and whether it is a placeholder."""
    if len(numbers) != _SIDES + whose or not all(map(_plain_number, numbers)):
        raise Nonsense
    width, height, *placeholder = map(int, numbers)
    return (width, height), bool(placeholder[0]) if whose else None


def _signatures(data: bytes) -> tuple[likeness.Signature, ...]:
    if not data:
        raise Nonsense
    each = (data[at : at + likeness.LENGTH] for at in range(0, len(data), likeness.LENGTH))
    try:
        return tuple(map(likeness.Signature.from_bytes, each))
    except ValueError:
        raise Nonsense from None


def _measures(numbers: list[str], longest: int) -> tuple[Size, Size, tuple[tuple[Face, ...] | None, int]]:
    """Size, original size, faces and tilt, within what they can be."""
    if len(numbers) < _SIZES or not all(map(_plain_number, numbers)):
        raise Nonsense
    width, height, original_width, original_height, *rest = map(int, numbers)
    if not (0 < width <= longest and 0 < height <= longest):
        raise Nonsense
    return (width, height), (original_width, original_height), _faces(rest, width, height)


def _plain_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def _faces(numbers: list[int], width: int, height: int) -> tuple[tuple[Face, ...] | None, int]:
    if not numbers:
        return None, 0
    tilt, *edges = numbers
    if tilt not in TURNS or len(edges) % _FACE:
        raise Nonsense
    faces = tuple(Face(*edges[at : at + _FACE]) for at in range(0, len(edges), _FACE))
    if any(face.left + face.width > width or face.top + face.height > height for face in faces):
        raise Nonsense
    return faces, tilt


async def _frame(stream: asyncio.StreamReader, ceiling: int) -> bytes:
    length = int.from_bytes(await stream.readexactly(_LENGTH), "big")
    if length > ceiling:
        raise Nonsense
    return await stream.readexactly(length)
