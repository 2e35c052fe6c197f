"""Why a picture was not taken, and what may be wrong with one, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from samepic.errors import Unfit
from samepic.imaging.cropping import Check
from samepic.web.words import Words, text

REFUSALS: Mapping[str, str] = {
    "empty": text("There is nothing in this file. Choose another one."),
    "too-large": text("This file is too large. Choose a smaller picture, or a copy with fewer pixels."),
    "not-a-picture": text("This is not a picture. Choose a photo, such as a JPEG, PNG, WebP or HEIC file."),
    "unsupported": text("Pictures of this kind cannot be read here. Save it as JPEG or PNG, then choose that."),
    "too-many-pixels": text("This picture has too many pixels. Save a smaller copy, then choose that."),
    "damaged": text("This picture is damaged and cannot be read. Choose another copy of it."),
    "too-costly": text("This picture takes too long to open. Save it again as a JPEG, then choose that."),
    "crop": text("This is not a part of the picture. Move the sliders again."),
    "small": text("What you chose is too small: 48 pixels are needed. Take more of the picture."),
}
"""By the code of an `Unfit`."""

REMARKS: Mapping[Check, str] = {
    Check.NO_FACE: text("No face is to be seen clearly. Colleagues recognise you best from the front."),
    Check.SEVERAL_FACES: text("There are several faces. Move closer, so that it is clear which one is you."),
    Check.SMALL_FACE: text("Your face is rather small and hard to recognise in small pictures. Move closer."),
    Check.DARK: text("The picture is rather dark."),
    Check.BRIGHT: text("The picture is rather bright."),
    Check.BLURRED: text("The picture is a little blurred."),
    Check.COARSE: text("There are few pixels, so it looks coarse when it is shown large. Take more of it."),
    Check.PLACEHOLDER: text("This looks like a drawn placeholder and not like a photo of you."),
}
"""What may be wrong, kindly: whoever likes the picture may use it all the same."""


def refusal(words: Words, unfit: Unfit) -> str:
    """What is wrong and what helps; what has no text of ours is said as the intake says it."""
    known = REFUSALS.get(unfit.code)
    return unfit.message if known is None else words.say(known)


def remark(words: Words, check: Check) -> str:
    return words.say(REMARKS[check])
