"""What headers say, read without decoding."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from samepic.imaging import sniff

from .samples import encoded, heic

AVIF = encoded(Image.new("RGB", (64, 48)), "AVIF")


@pytest.mark.parametrize(("data", "sizes"), [(AVIF, [(64, 48)]), (heic(), [(120, 80)]), (heic("turned"), [(80, 120)])])
def test_the_sizes_in_the_header_are_found(data: bytes, sizes: list[tuple[int, int]]) -> None:
    assert list(sniff.extents(data)) == sizes


@pytest.mark.parametrize("damage", [b"\0\0\0\0", b"\0\0\0\4", b"\0\0\0\1", b"\xff\xff\xff\xff"])
@pytest.mark.parametrize("kind", [b"meta", b"iprp", b"ipco", b"ispe"])
def test_boxes_of_impossible_sizes_end_the_search(kind: bytes, damage: bytes) -> None:
    data = bytearray(AVIF)
    at = data.index(kind) - 4
    data[at : at + 4] = damage
    assert len(list(sniff.extents(bytes(data)))) <= 1


def test_a_box_with_a_long_size_is_read() -> None:
    at, end = AVIF.index(b"meta") - 4, AVIF.index(b"mdat") - 4
    longer = (1).to_bytes(4, "big") + b"meta" + (end - at + 8).to_bytes(8, "big")
    assert list(sniff.extents(AVIF[:at] + longer + AVIF[at + 8 :])) == [(64, 48)]


@given(st.binary(max_size=80), st.integers(0, 200))
def test_no_header_at_all_harms_the_search(junk: bytes, at: int) -> None:
    list(sniff.extents(AVIF[:at] + junk + AVIF[at + len(junk) :]))
