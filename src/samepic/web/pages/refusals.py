"""Why a picture was not taken, and what may be wrong with one, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from samepic.engine.reasons import Code, Reason
from samepic.errors import Unfit
from samepic.imaging.cropping import Check
from samepic.web.words import Words, later

REFUSALS: Mapping[str, str] = {
    "empty": later("There is nothing in this file. Choose another one."),
    "too-large": later("This file is too large. Choose a smaller picture, or a copy with fewer pixels."),
    "not-a-picture": later("This is not a picture. Choose a photo, such as a JPEG, PNG, WebP or HEIC file."),
    "unsupported": later("Pictures of this kind cannot be read here. Save it as JPEG or PNG, then choose that."),
    "too-many-pixels": later("This picture has too many pixels. Save a smaller copy, then choose that."),
    "damaged": later("This picture is damaged and cannot be read. Choose another copy of it."),
    "too-costly": later("This picture takes too long to open. Save it again as a JPEG, then choose that."),
    "crop": later("This is not a part of the picture. Move the sliders again."),
    "small": later("What you chose is too small: 48 pixels are needed. Take more of the picture."),
}
"""By the code of an `Unfit`."""

REMARKS: Mapping[Check, str] = {
    Check.NO_FACE: later("No face is to be seen clearly. Colleagues recognise you best from the front."),
    Check.SEVERAL_FACES: later("There are several faces. Move closer, so that it is clear which one is you."),
    Check.SMALL_FACE: later("Your face is rather small and hard to recognise in small pictures. Move closer."),
    Check.DARK: later("The picture is rather dark."),
    Check.BRIGHT: later("The picture is rather bright."),
    Check.BLURRED: later("The picture is a little blurred."),
    Check.COARSE: later("There are few pixels, so it looks coarse when it is shown large. Take more of it."),
    Check.PLACEHOLDER: later("This looks like a drawn placeholder and not like a photo of you."),
}
"""What may be wrong, kindly: whoever likes the picture may use it all the same."""


_ASK = later("Only an administrator can change that.")

REMEDIES: Mapping[Code, str] = {
    Code.SOURCE_READ_ONLY: later("Change your picture there."),
    Code.SOURCE_OUTRANKED: later("Change your picture there."),
    Code.NOT_REMOVABLE: later("Remove it there."),
    Code.OPTED_OUT: later("Take that back under “Your choices” first."),
    Code.OPTED_OUT_UNTIL: later("Take that back under “Your choices” first."),
}
"""What somebody can do who cannot set their picture here; else they have to ask."""


def remedy(words: Words, reason: Reason) -> str:
    return words.say(REMEDIES.get(reason.code, _ASK))


def refusal(words: Words, unfit: Unfit) -> str:
    """What is wrong and what helps; what has no text of ours is said as the intake says it."""
    known = REFUSALS.get(unfit.code)
    return unfit.message if known is None else words.say(known)


def remark(words: Words, check: Check) -> str:
    return words.say(REMARKS[check])
