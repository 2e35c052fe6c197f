"""What stands for those who are nobody: a meeting room, and the mailbox that a team shares."""

from __future__ import annotations

from PIL import Image

from samepic.practice.portraits.canvas import Canvas
from samepic.practice.portraits.dice import Dice
from samepic.practice.portraits.occasion import USUAL
from samepic.practice.portraits.palette import THEMES, WHITE, Theme, darker, lighter, mix
from samepic.practice.portraits.shapes import GRID, Pose, ellipse, flipped, mirrored, moved, points

_SIDES = (-1, 1)
_WOOD, _LEAF, _SKY = (184, 134, 92), (86, 138, 96), (206, 229, 239)


def draw_room(seed: str, side: int = GRID, occasion: str = USUAL) -> Image.Image:
    """A meeting room with a window, painted and furnished anew on every occasion: RGB, `side` x `side` pixels."""
    theme, dice, way = (
        _theme("room", seed, occasion),
        Dice(f"room {seed} in {occasion}"),
        1 if occasion == USUAL else -1,
    )
    canvas = Canvas.blank(side, theme.wall)
    _window(canvas, theme, way * dice.between(60, 180))
    _lamp(canvas, theme, -way * dice.between(0, 200))
    _plant(canvas, theme, -way * dice.between(330, 400))
    _table(canvas, theme)
    return canvas.finished()


def draw_team(seed: str, side: int = GRID, occasion: str = USUAL) -> Image.Image:
    """An envelope before a disc, open on every occasion but the first: RGB, `side` x `side` pixels."""
    theme, dice = _theme("team", seed, occasion), Dice(f"team {seed} in {occasion}")
    canvas = Canvas.blank(side, theme.wall)
    canvas.oval((dice.between(-160, 160), dice.between(440, 580)), 390, 390, theme.accent)
    held = canvas.posed(Pose(dice.between(-20, 40), dice.between(90, 125), dice.between(-120, 120)))
    _envelope(held, theme, opened=occasion != USUAL)
    return canvas.finished()


def _theme(kind: str, seed: str, occasion: str) -> Theme:
    usual = Dice(f"{kind} {seed}").among(THEMES)
    if occasion == USUAL:
        return usual
    return Dice(f"{kind} {seed} on {occasion}").among([theme for theme in THEMES if theme.wall != usual.wall])


_PANE = points("-200,150 200,150 200,520 -200,520")
_FAR_HILLS = points("-200,460 -110,405 0,440 110,365 200,430 200,520 -200,520")
_BARS = [points(text) for text in ("-200,150 200,150", "-200,150 -200,520", "0,150 0,520", "200,150 200,520")]
_NEAR_HILLS = points("-200,480 -90,430 30,500 120,470 200,495 200,520 -200,520")


def _window(canvas: Canvas, theme: Theme, x: int) -> None:
    canvas.polygon(moved(_PANE, x), _SKY)
    canvas.oval((x + 90, 240), 44, 44, lighter((246, 214, 120)))
    canvas.polygon(moved(_FAR_HILLS, x), mix(_LEAF, _SKY, 40))
    canvas.polygon(moved(_NEAR_HILLS, x), mix(_LEAF, _SKY, 10))
    for bar in _BARS:
        canvas.stroke(moved(bar, x), 18, WHITE)
    canvas.stroke([(x - 230, 530), (x + 230, 530)], 24, mix(WHITE, theme.wall, 25))


_SHADE = mirrored(points("0,118 36,122 66,160 104,208 0,214"))


def _lamp(canvas: Canvas, theme: Theme, x: int) -> None:
    canvas.stroke([(x, -20), (x, 130)], 8, darker(theme.cloth, 40))
    canvas.shaded(moved(_SHADE, x), theme.cloth, darker(theme.cloth), (-8, 0))


_POT = mirrored(points("0,640 74,640 74,640 56,790 56,790 0,790"))
_LEAVES = (
    points("0,660 -30,540 -10,420 40,540"),
    points("0,660 60,570 130,520 90,630"),
    points("0,660 -70,580 -130,540 -80,640"),
)


def _plant(canvas: Canvas, theme: Theme, x: int) -> None:
    for at, leaf in enumerate(_LEAVES):
        canvas.shaded(moved(leaf, x), lighter(_LEAF, 8 * at), darker(_LEAF), (-6, -6))
    pot = mix(theme.trim, theme.cloth, 30)
    canvas.shaded(moved(_POT, x), pot, darker(pot), (-10, 0))


_BACKREST = mirrored(points("0,560 60,560 84,590 84,760 0,780"))
_TABLE = ellipse((0, 800), 440, 84)


def _table(canvas: Canvas, theme: Theme) -> None:
    for x in (-210, 0, 210):
        canvas.shaded(moved(_BACKREST, x), theme.cloth, darker(theme.cloth), (-8, -8))
    canvas.polygon(points("-70,840 70,840 110,1040 -110,1040"), darker(_WOOD, 40))
    canvas.blob(moved(_TABLE, 0, 26), darker(_WOOD))
    canvas.blob(_TABLE, lighter(_WOOD, 12))
    for way in _SIDES:
        canvas.polygon(flipped(points("110,780 210,786 190,822 84,814"), way), WHITE)


_BODY = points("-270,380 270,380 270,730 -270,730")
_FLAP = points("-270,380 0,580 270,380")
_RAISED = points("-270,380 0,210 270,380")
_LETTER = points("-210,270 210,270 210,640 -210,640")
_POCKET = points("-270,380 10,575 -270,730")
_BOTTOM = points("-270,730 0,540 270,730")


def _envelope(canvas: Canvas, theme: Theme, *, opened: bool) -> None:
    paper, fold = lighter(theme.cloth, 14), darker(theme.cloth, 16)
    if opened:
        canvas.polygon(_RAISED, fold)
        canvas.polygon(_LETTER, WHITE)
        for y, to in ((330, 150), (376, 150), (422, 40)):
            canvas.stroke([(-150, y), (to, y)], 14, mix(theme.cloth, WHITE, 50))
    canvas.polygon(_BODY, WHITE if opened else theme.cloth)
    for way in _SIDES:
        canvas.polygon(flipped(_POCKET, way), theme.cloth)
    canvas.polygon(_BOTTOM, paper)
    if not opened:
        canvas.polygon(_FLAP, lighter(paper, 10))
        for way in _SIDES:
            canvas.stroke(flipped(_FLAP[:2], way), 10, fold)
