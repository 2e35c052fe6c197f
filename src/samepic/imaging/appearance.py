"""How a picture looks, without its pixels: what comparing goes by, in a few thousand bytes."""

from __future__ import annotations

from dataclasses import dataclass, field

from samepic.imaging.likeness import Signature, sign_all
from samepic.imaging.picture import Picture
from samepic.imaging.silhouette import silhouette

MOST_SIGNATURES = 3
"""Our square, the one without regard to faces, and the very middle."""


@dataclass(frozen=True, slots=True)
class Appearance:
    """`signatures` are those of `sign_all`, MOST_SIGNATURES at most; `original` is the (width, height) of the upload
    after turning it upright. A `placeholder` is nobody's picture; None where nobody asked.
    """

    signatures: tuple[Signature, ...] = field(repr=False)
    original: tuple[int, int]
    placeholder: bool | None = None


def appearance_of(picture: Picture, *, whose: bool) -> Appearance:
    """With `whose` also whether it is anybody's, which costs several times the rest."""
    return Appearance(sign_all(picture), picture.original, silhouette(picture) if whose else None)
