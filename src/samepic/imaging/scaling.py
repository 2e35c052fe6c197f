"""One square scaled down well: by cykooz_resizer, which uses the processor's vector instructions, else by Pillow.

Both are Lanczos with three lobes and agree to within rounding. Which of them made a rendition is therefore not recorded
and leads to no rewriting: what is wanted is known by the source's bytes.
"""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image

Scale = Callable[[Image.Image, float, int], Image.Image]
"""(square, how much of it counts from the upper left corner on in pixels, side) -> the part at `side` x `side`."""


def by_pillow(square: Image.Image, exact: float, side: int) -> Image.Image:
    return square.resize((side, side), Image.Resampling.LANCZOS, box=(0, 0, exact, exact))


def _vectorised() -> Scale | None:
    try:
        from cykooz_resizer import (  # noqa: PLC0415 -- has no wheel for some processors
            CropBox,
            FilterType,
            ResizeAlg,
            ResizeOptions,
            Resizer,
        )
    except ImportError:
        return None
    lanczos = ResizeAlg.convolution(FilterType.lanczos3)

    def by_cykooz(square: Image.Image, exact: float, side: int) -> Image.Image:
        scaled = Image.new("RGB", (side, side))
        options = ResizeOptions(lanczos, crop_box=CropBox(0, 0, exact, exact), use_alpha=False)
        Resizer().resize_pil(square, scaled, options)  # one each: it keeps buffers and is not for several threads
        return scaled

    return by_cykooz


vectorised = _vectorised()
scale: Scale = vectorised or by_pillow
