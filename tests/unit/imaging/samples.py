"""Pictures to test with: good ones of every kind, and hostile ones that are built byte by byte."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from random import Random

import pytest
from PIL import Image, ImageCms, ImageDraw

from samepic.errors import Unfit
from samepic.imaging.intake import Intake
from samepic.imaging.picture import Picture

Colour = tuple[int, int, int]

RED, GREEN, BLUE, YELLOW = (220, 30, 30), (30, 160, 60), (40, 60, 210), (230, 210, 40)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def quarters(size: tuple[int, int] = (120, 80)) -> Image.Image:
    """Red, green, blue and yellow from the upper left on, row by row: shows every turn and flip."""
    width, height = size
    image = Image.new("RGB", size, YELLOW)
    image.paste(RED, (0, 0, width // 2, height // 2))
    image.paste(GREEN, (width // 2, 0, width, height // 2))
    image.paste(BLUE, (0, height // 2, width // 2, height))
    return image


def corners(picture: Picture) -> list[Colour]:
    """The colours a quarter in from each corner."""
    image = Image.frombytes("RGB", picture.size, picture.pixels)
    width, height = picture.size
    return [image.getpixel((width * x // 4, height * y // 4)) for y in (1, 3) for x in (1, 3)]


def near(found: Colour, wanted: Colour, most: int = 24) -> bool:
    return all(abs(one - other) <= most for one, other in zip(found, wanted, strict=True))


def shows_quarters(picture: Picture, most: int = 24) -> bool:
    return all(map(near, corners(picture), (RED, GREEN, BLUE, YELLOW), [most] * 4))


def picture_of(image: Image.Image) -> Picture:
    return Picture(image.tobytes(), image.size, image.size, "image/png")


def noise(size: tuple[int, int], seed: int = 1) -> Image.Image:
    """The hardest thing to compress."""
    return Image.frombytes("RGB", size, Random(seed).randbytes(size[0] * size[1] * 3))


def face(seed: int, side: int = 256, background: Colour | None = None) -> Image.Image:
    """A simple face of ovals: skin, hair, eyes, mouth and shoulders by seed."""
    rng = Random(seed)

    def colour(low: int = 20, high: int = 235) -> Colour:
        return rng.randint(low, high), rng.randint(low, high), rng.randint(low, high)

    def oval(x: float, y: float, width: float, height: float, fill: Colour) -> None:
        box = [(x - width) * big, (y - height) * big, (x + width) * big, (y + height) * big]
        draw.ellipse(box, fill=fill)

    big = side * 2
    wall, hair, skin, shirt, lips = colour(), colour(20, 120), colour(120, 235), colour(), (150, 50, 60)
    image = Image.new("RGB", (big, big), background or wall)
    draw = ImageDraw.Draw(image)
    width, height = rng.uniform(0.17, 0.25), rng.uniform(0.22, 0.3)
    oval(0.5, 1.05, rng.uniform(0.3, 0.45), 0.3, shirt)
    oval(0.5, 0.4 + rng.uniform(0, 0.06), width * rng.uniform(1.05, 1.5), height * rng.uniform(1.05, 1.4), hair)
    oval(0.5, 0.5, width, height, skin)
    apart = rng.uniform(0.07, 0.11)
    for x in (0.5 - apart, 0.5 + apart):
        oval(x, 0.47, 0.03, rng.uniform(0.015, 0.03), (30, 25, 25))
    oval(0.5, 0.62, rng.uniform(0.04, 0.1), rng.uniform(0.01, 0.04), lips)
    return image.resize((side, side), Image.Resampling.BOX)


def swapped_profile() -> bytes:
    """An RGB profile in which red and green have changed places, made from the sRGB one by swapping two tags."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = int.from_bytes(profile[128:132], "big")
    places = {bytes(profile[at : at + 4]): at for at in range(132, 132 + 12 * count, 12)}
    red, green = places[b"rXYZ"], places[b"gXYZ"]
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(profile)


def png_claiming(width: int, height: int) -> bytes:
    """A PNG whose header is right and whose pixels are missing."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def heic(name: str = "quarters") -> bytes:
    """`quarters()` as HEVC, which nothing here can encode: plain, or lying on its side and `turned` by its EXIF."""
    return (Path(__file__).parent / "pictures" / f"{name}.heic").read_bytes()


def claiming(picture: bytes, side: int) -> bytes:
    """An AVIF or HEIC whose image spatial extents (ISO/IEC 23008-12, `ispe`) are not those of its pixels."""
    data = bytearray(picture)
    at = data.index(b"ispe") + 8
    data[at : at + 8] = struct.pack(">II", side, side)
    return bytes(data)


def webp_claiming(side: int) -> bytes:
    """A small WebP with an extended header (`VP8X`) that announces a larger canvas."""
    data = bytearray(encoded(Image.new("RGBA", (64, 64), (1, 2, 3, 4)), "WEBP", exif=b"Exif\0\0"))
    at = data.index(b"VP8X") + 12
    data[at : at + 6] = (side - 1).to_bytes(3, "little") * 2
    return bytes(data)


def scan_bomb(size: int = 64_000, side: int = 2000) -> bytes:
    """A progressive JPEG that repeats its last, almost empty pass until it has `size` bytes."""
    plain = encoded(Image.new("L", (side, side), 128), "JPEG", progressive=True)
    last = plain.rindex(b"\xff\xda")
    scan, end = plain[last:-2], plain[-2:]
    return plain[:-2] + scan * ((size - len(plain)) // len(scan)) + end


async def refusal(intake: Intake, data: bytes) -> str:
    """The code a picture is refused with; what the person reads is a sentence."""
    with pytest.raises(Unfit) as caught:
        await intake.read(data)
    assert caught.value.message[-1] == "."
    return caught.value.code
