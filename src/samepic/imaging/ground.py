"""What lies behind the figure of a placeholder: one colour, or a gradient, straight or round.

A square has ACROSS pixels each way, and a place is an index into them, row by row. Only the disc in it counts, since
that is what services cut. A ground says which colour it has at a place, hidden or not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import dist

from PIL import Image

Colour = tuple[float, float, float]
Ground = Callable[[int], Colour]

ACROSS = 64
_RADIUS, _WHOLLY_INSIDE = 0.94, 0.88  # of half the square; what lies in the corners beyond is nobody's

Terms = tuple[float, float, float, float]
"""What a gradient is made of at one place: a level, a slope each way, and a bowl."""


def _terms(place: int, across: int) -> Terms:
    """From the middle of a square of so many pixels, whose edges are at 1."""
    x, y = ((2 * at + 1) / across - 1 for at in (place % across, place // across))
    return 1.0, x, y, x * x + y * y


_TERMS = tuple(_terms(place, ACROSS) for place in range(ACROSS**2))
DISC = tuple(place for place, terms in enumerate(_TERMS) if terms[3] <= _RADIUS**2)
_BROW = tuple(place for place in DISC if place // ACROSS < ACROSS // 10)  # neither heads nor letters reach so high

_CELL = (
    4  # pixels; gradients are looked for in larger cells, which is quick, and a cell with a stroke in it is no ground
)
_CELLS = tuple(_terms(cell, ACROSS // _CELL) for cell in range((ACROSS // _CELL) ** 2))
_INSIDE = tuple(cell for cell, terms in enumerate(_CELLS) if terms[3] <= _WHOLLY_INSIDE**2)
_LETTERS, _SHOULDERS = 0.78, 0.1  # how far from the middle the first reach, and how far down from it the second begin
_RIM = tuple(cell for cell in _INSIDE if _CELLS[cell][3] > _LETTERS**2 and _CELLS[cell][2] < _SHOULDERS)

_ON_GROUND = 8.0  # levels: what JPEG leaves of a gradient, and what a plane leaves of a round one near the rim
_ON_GROUND_SHARE = 0.9
_GROWTHS = 4
_STIFF = 0.02  # how much a bowl has to explain; along the rim alone, it can hardly be told from a level


def colours_of(square: Image.Image) -> list[Colour]:
    data = square.tobytes()
    return list(zip(data[::3], data[1::3], data[2::3], strict=True))


def plain(colours: Sequence[Colour]) -> Ground:
    """The middle colour of the very top."""
    upper = zip(*(colours[place] for place in _BROW), strict=True)
    red, green, blue = (sorted(channel)[len(_BROW) // 2] for channel in upper)
    return lambda _: (red, green, blue)


def shaded(square: Image.Image) -> Ground | None:
    """The gradient that the rim belongs to; None where the rim is not smooth.

    It is fitted to the rim first, and then to all that agrees with it, which reaches further inwards each time.
    """
    cells = colours_of(square.reduce(_CELL))
    weights = _fitted(cells, _RIM)
    if len(_agreeing(cells, weights, _RIM)) < _ON_GROUND_SHARE * len(_RIM):
        return None
    for _ in range(_GROWTHS):
        weights = _fitted(cells, _agreeing(cells, weights, _INSIDE))
    return lambda place: _colour(weights, _TERMS[place])


Weights = Sequence[Sequence[float]]
"""For each channel, how much of each term."""


def _colour(weights: Weights, terms: Terms) -> Colour:
    level, across, down, bowl = terms
    red, green, blue = (w * level + x * across + y * down + z * bowl for w, x, y, z in weights)
    return red, green, blue


def _agreeing(cells: Sequence[Colour], weights: Weights, among: Sequence[int]) -> list[int]:
    return [cell for cell in among if dist(cells[cell], _colour(weights, _CELLS[cell])) <= _ON_GROUND]


def _fitted(cells: Sequence[Colour], among: Sequence[int]) -> Weights:
    """The gradient with the least squares."""
    some = [(_CELLS[cell], cells[cell]) for cell in among]
    squares = [[sum(terms[i] * terms[j] for terms, _ in some) for j in range(4)] for i in range(4)]
    squares[3][3] += _STIFF * len(some)
    sums = [[sum(terms[i] * colour[channel] for terms, colour in some) for channel in range(3)] for i in range(4)]
    return list(zip(*_solved(squares, sums), strict=True))


def _solved(left: Sequence[Sequence[float]], right: Sequence[Sequence[float]]) -> list[list[float]]:
    """The rows x of left * x = right, for a symmetric and positive definite `left`, by elimination."""
    rows = [[*one, *other] for one, other in zip(left, right, strict=True)]
    size = len(rows)
    for at in range(size):
        rows[at] = [value / rows[at][at] for value in rows[at]]
        for other in range(size):
            if other != at:
                factor = rows[other][at]
                rows[other] = [value - factor * mine for value, mine in zip(rows[other], rows[at], strict=True)]
    return [row[size:] for row in rows]
