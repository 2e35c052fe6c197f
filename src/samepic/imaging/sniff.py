"""What an upload is, judged by its first bytes and never by its name; nothing here decodes.

`admit` is the first gate: it sees untrusted bytes in the parent process, so it only looks at lengths and markers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from samepic.errors import Unfit
from samepic.imaging.picture import Limits

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"II+\0", "image/tiff"),
    (b"MM\0+", "image/tiff"),
    (b"BM", "image/bmp"),
)

_REFUSED: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "PDF document"),
    (b"8BPS", "Photoshop document"),
    (b"\xff\x0a", "JPEG XL picture"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL picture"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000 picture"),
    (b"\0\0\1\0", "icon file"),
)

_AVIF_BRANDS = {b"avif", b"avis"}
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
_SVG = re.compile(rb"\s*(?:<\?xml|<!--|<!DOCTYPE\s+svg|<svg)", re.IGNORECASE)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_BOX_HEAD, _LONG_BOX_HEAD, _VERSION_AND_FLAGS = 8, 16, 4

_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9
_MARKER = re.compile(rb"\xff[\x01-\xfe]")
_MARKERS_WITHOUT_LENGTH = {0x01, *range(0xD0, 0xD9)}  # TEM, RST0 to RST7, SOI


def admit(data: bytes, limits: Limits) -> str:
    """The media type of an upload worth decoding.

    Raises Unfit: empty, too-large, unsupported, not-a-picture, too-many-pixels, too-costly.
    """
    if not data:
        raise Unfit("empty", "The file is empty. Choose the picture again.")
    if len(data) > limits.data:
        raise Unfit(
            "too-large",
            f"The file has {len(data) / 1e6:.1f} MB and only {limits.data / 1e6:.0f} MB are taken. "
            "Save a smaller copy of the picture.",
        )
    media_type = media_type_of(data)
    if media_type == "image/jpeg" and scans(data, limits.scans + 1) > limits.scans:
        raise Unfit(
            "too-costly",
            f"This JPEG is made of more than {limits.scans} passes, which no camera does. "
            "Save it again as an ordinary JPEG.",
        )
    if media_type in {"image/avif", "image/heic"}:
        for size in extents(data):
            check_size(size, limits)
    return media_type


def check_size(size: tuple[int, int], limits: Limits) -> None:
    """Raises Unfit with the code too-many-pixels."""
    width, height = size
    if width * height > limits.pixels or max(size) > limits.side:
        raise Unfit(
            "too-many-pixels",
            f"The picture has {width} x {height} pixels and at most {limits.pixels // 1_000_000} million are taken, "
            f"{limits.side} along a side. Save a smaller copy of it.",
        )


def media_type_of(data: bytes) -> str:
    """By content alone. Raises Unfit with the code unsupported or not-a-picture."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    for signature, media_type in _SIGNATURES:
        if data.startswith(signature):
            return media_type
    brands = _brands(data)
    if brands & _AVIF_BRANDS:
        return "image/avif"
    if brands & _HEIC_BRANDS:
        return "image/heic"
    raise _unfit(_refused_kind(data))


def _refused_kind(data: bytes) -> str | None:
    if _SVG.match(data.removeprefix(_BYTE_ORDER_MARK)) and b"<svg" in data[:4096].lower():
        return "SVG drawing"
    return next((kind for signature, kind in _REFUSED if data.startswith(signature)), None)


def _unfit(kind: str | None) -> Unfit:
    if kind is None:
        return Unfit(
            "not-a-picture", "This is not a picture. Choose a JPEG, PNG, WebP, GIF, AVIF, HEIC, BMP or TIFF file."
        )
    article = "An" if kind[0] in "Si" else "A"
    return Unfit("unsupported", f"{article} {kind} cannot be used. Save or export it as JPEG or PNG, then try again.")


def _brands(data: bytes) -> set[bytes]:
    """The brands of an ISO base media file (ISO/IEC 14496-12, box `ftyp`); empty for anything else."""
    if data[4:8] != b"ftyp":
        return set()
    end = min(int.from_bytes(data[:4], "big"), 256)
    return {data[8:12], *(data[at : at + 4] for at in range(16, end, 4))}


def extents(data: bytes) -> Iterator[tuple[int, int]]:
    """The sizes that an AVIF or HEIC file gives its images, tiles included (ISO/IEC 23008-12, box `ispe`).

    Its decoders take memory for what the header says before they have seen a pixel. One that says less than its pixels
    are is caught by the limits of the child.
    """
    for meta in _boxes(data, b"meta"):
        for properties in _boxes(meta[_VERSION_AND_FLAGS:], b"iprp"):
            for container in _boxes(properties, b"ipco"):
                for extent in _boxes(container, b"ispe"):
                    numbers = extent[_VERSION_AND_FLAGS:]
                    yield int.from_bytes(numbers[:4], "big"), int.from_bytes(numbers[4:8], "big")


def _boxes(data: bytes, kind: bytes) -> Iterator[bytes]:
    """What is in the boxes of one kind, one after another in `data` (ISO/IEC 14496-12)."""
    at = 0
    while at + _BOX_HEAD <= len(data):
        size, head = int.from_bytes(data[at : at + 4], "big"), _BOX_HEAD
        if size == 1:  # a long one; the size follows
            size, head = int.from_bytes(data[at + 8 : at + 16], "big"), _LONG_BOX_HEAD
        end = at + size if size else len(data)  # 0: up to the end
        if end < at + head:
            return
        if data[at + 4 : at + 8] == kind:
            yield data[at + head : end]
        at = end


def scans(jpeg: bytes, enough: int) -> int:
    """How many passes the first image of a JPEG has; stops counting at `enough`.

    Walks the markers as a decoder does instead of counting byte pairs: cameras append whole films and second pictures,
    in which the pair occurs by chance. It is never inside a pass, where FF is always followed by 00.
    """
    found, at = 0, 0
    while found < enough and (marker := _MARKER.search(jpeg, at)):
        kind, at = jpeg[marker.start() + 1], marker.end()
        if kind == _END_OF_IMAGE:
            break
        if kind in _MARKERS_WITHOUT_LENGTH:
            continue
        found += kind == _START_OF_SCAN
        at += int.from_bytes(jpeg[at : at + 2], "big")
    return found
