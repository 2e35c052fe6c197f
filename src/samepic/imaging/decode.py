"""One untrusted upload to plain pixels. Runs in the child process only; see `child`."""

from __future__ import annotations

import contextlib
import io

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageCms,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from samepic.errors import Unfit
from samepic.imaging import faces
from samepic.imaging.picture import Face, Limits, Picture
from samepic.imaging.sniff import check_size

_HEIF = "HEIF"
_FORMATS = {
    "image/jpeg": (JpegImagePlugin.JpegImageFile.format, MpoImagePlugin.MpoImageFile.format),
    "image/png": (PngImagePlugin.PngImageFile.format,),
    "image/gif": (GifImagePlugin.GifImageFile.format,),
    "image/webp": (WebPImagePlugin.WebPImageFile.format,),
    "image/avif": (AvifImagePlugin.AvifImageFile.format,),
    "image/bmp": (BmpImagePlugin.BmpImageFile.format,),
    "image/tiff": (TiffImagePlugin.TiffImageFile.format,),
    "image/heic": (_HEIF,),
}

_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = {5, 6, 7, 8}

_REDUCING_GAP = 2.0  # box reduction before Lanczos; not to be told from Lanczos alone, at a fraction of the cost

_PROFILE_SPACES = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK"}
_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def prepare() -> None:
    """Once per process: our own ceilings replace Pillow's, and one thread is all a limited child may have."""
    Image.MAX_IMAGE_PIXELS = None
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    with contextlib.suppress(ImportError):
        import pi_heif  # noqa: PLC0415 -- has no wheel for some systems; `decode` says so then

        pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)
    faces.prepare()


def decode(data: bytes, media_type: str, limits: Limits, *, closely: bool = False) -> Picture:
    """Raises Unfit: too-many-pixels, unsupported, damaged, too-costly."""
    if media_type == "image/heic" and _HEIF not in Image.OPEN:
        raise Unfit(
            "unsupported", "HEIC pictures cannot be opened on this machine. Export it as JPEG or PNG, then try again."
        )
    try:
        with Image.open(io.BytesIO(data), formats=[name for name in _FORMATS[media_type] if name]) as image:
            check_size(image.size, limits)
            return _picture(image, media_type, limits.longest, closely=closely)
    except Unfit:
        raise
    except MemoryError:
        raise Unfit("too-costly", "This picture takes too much memory to open. Save a smaller copy of it.") from None
    except Exception as why:  # decoders raise anything at all on hostile bytes
        raise Unfit("damaged", "This picture is damaged or incomplete. Export or download it again.") from why


def _picture(image: Image.Image, media_type: str, longest: int, *, closely: bool) -> Picture:
    plain, original = _normalised(image, longest)
    found, tilt = _faces(plain, closely=closely)
    return Picture(plain.tobytes(), plain.size, original, media_type, found, tilt)


def _faces(plain: Image.Image, *, closely: bool) -> tuple[tuple[Face, ...] | None, int]:
    """A square is used whole, wherever its faces are; nobody looks for them unless asked to."""
    if closely:
        return faces.search_closely(plain)
    return (faces.search(plain) if plain.width != plain.height else None), 0


def _normalised(image: Image.Image, longest: int) -> tuple[Image.Image, tuple[int, int]]:
    """The plain picture, and the size of the upload after turning it upright."""
    uploaded = image.size
    profile = image.info.get("icc_profile")
    _draft(image, longest)
    image.load()
    orientation = _orientation(image)
    plain = _flat(_shrunk(_resizable(image), longest), profile)
    if orientation in _TURNS:
        plain = plain.transpose(_TURNS[orientation])
    return plain, (uploaded[::-1] if orientation in _SIDEWAYS else uploaded)


def _draft(image: Image.Image, longest: int) -> None:
    """Lets a JPEG decode at a half, a quarter or an eighth, while three quarters of the longest side remain.

    Not the whole of it: the commonest phone picture, 4000 or 4032 pixels long, would just miss being halved.
    """
    if isinstance(image, JpegImagePlugin.JpegImageFile) and max(image.size) > longest:
        image.draft(image.mode, _within(image.size, longest * 3 // 4))


def _within(size: tuple[int, int], longest: int) -> tuple[int, int]:
    width, height = size
    scale = max(width, height) / longest
    return max(1, round(width / scale)), max(1, round(height / scale))


def _orientation(image: Image.Image) -> int:
    """EXIF orientation still to be applied, asked for after loading: TIFF has turned itself by then."""
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001 -- a broken description is no reason to refuse a good picture
        return 1


def _resizable(image: Image.Image) -> Image.Image:
    """In a mode that can be scaled: samples of 8 bits, and no palette."""
    if image.mode.startswith("I;16"):
        return _high_bytes(image)
    if image.mode in {"I", "F"}:
        raise Unfit(
            "unsupported", "Pictures with 32 bits per sample cannot be used. Save it as JPEG or PNG, then try again."
        )
    if image.has_transparency_data and image.mode not in {"LA", "RGBA"}:
        return image.convert("RGBA")
    if image.mode in {"1", "P"}:
        return image.convert("RGB")
    return image


def _high_bytes(image: Image.Image) -> Image.Image:
    """16 bits to 8 by keeping the upper half; Pillow's own conversion clips instead."""
    first = 0 if image.mode == "I;16B" else 1
    return Image.frombytes("L", image.size, image.tobytes()[first::2])


def _shrunk(image: Image.Image, longest: int) -> Image.Image:
    if max(image.size) <= longest:
        return image
    return image.resize(_within(image.size, longest), Image.Resampling.LANCZOS, reducing_gap=_REDUCING_GAP)


def _flat(image: Image.Image, profile: bytes | None) -> Image.Image:
    """In sRGB and on white, with nothing attached."""
    if image.mode not in {"LA", "RGBA"}:
        return _in_srgb(image, profile)
    opaque = _in_srgb(image.convert("L" if image.mode == "LA" else "RGB"), profile)
    canvas = Image.new("RGB", image.size, "white")
    canvas.paste(opaque, mask=image.getchannel("A"))
    return canvas


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """A profile that is broken, or made for another kind of picture, is ignored as browsers do."""
    if not profile:
        return image.convert("RGB")
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = _PROFILE_SPACES[source.profile.xcolor_space]
        if mode == "RGB":
            image = image.convert("RGB")
        converted = ImageCms.profileToProfile(image, source, _SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, KeyError, ValueError):  # ValueError: names in it that are no text
        return image.convert("RGB")
    assert converted is not None
    return converted
