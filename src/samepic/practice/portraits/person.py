"""A whole person: the layers, back to front."""

from __future__ import annotations

from PIL import Image

from samepic.practice.portraits import body, cover, features, hair, head
from samepic.practice.portraits.canvas import Canvas
from samepic.practice.portraits.look import Look
from samepic.practice.portraits.nature import ANYBODY, Casting
from samepic.practice.portraits.occasion import USUAL, traits_of
from samepic.practice.portraits.shapes import GRID, Pose

_DOWN = 52


def draw(seed: str, side: int = GRID, occasion: str = USUAL, casting: Casting = ANYBODY) -> Image.Image:
    """The person who belongs to a seed, on an occasion: RGB, `side` x `side` pixels."""
    return draw_look(traits_of(seed, occasion, casting), side)


def draw_look(look: Look, side: int = GRID) -> Image.Image:
    """A person who looks like this: RGB, `side` x `side` pixels."""
    canvas = Canvas.blank(side, look.theme.wall)
    body.draw_backdrop(canvas, look)
    upright = canvas.posed(Pose(_DOWN, look.zoom))
    leaning = canvas.posed(Pose(_DOWN, look.zoom, look.lean))
    cover.draw_cover_behind(leaning, look)
    hair.draw_hair_behind(leaning, look)
    body.draw_neck(upright, look)
    body.draw_clothes(upright, look)
    head.draw_beard_behind(leaning, look)
    head.draw_head(leaning, look)
    features.draw_features(leaning, look)
    hair.draw_hair(leaning, look)
    features.draw_glasses(leaning, look)
    cover.draw_cover(leaning, look)
    head.draw_earrings(leaning, look)
    return canvas.finished()
