"""How often likeness, placeholders and faces are judged rightly: the tables of docs/concepts/pictures.md.

python tools/likeness.py [PEOPLE]
python tools/likeness.py --photographs FOLDER

Without a folder, on drawn people: the cases are those of tests/unit/imaging, which keeps the rates with a few; here are
as many as are asked for. With one, on the photographs below it: several of one person in a folder of their own, all
others straight in it. Photographs are only looked at.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from random import Random

from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))

import photographs
from tests.unit.imaging import placeholders, services
from tests.unit.imaging.samples import picture_of

from samepic.imaging.likeness import compare, sign
from samepic.imaging.silhouette import silhouette
from samepic.model import Likeness
from samepic.practice.portraits import Look, draw, draw_room, draw_team

FEATURES = [
    "theme",
    "backdrop",
    "skin",
    "cover",
    "glasses",
    "beard",
    "clothes",
    "face",
    "hair",
    "smile",
    "zoom",
    "eyes",
]
Other = Callable[[Look, int, Random], Image.Image]
"""Another picture than that of this look, in this style."""


THE_SAME, ANOTHER, TAKEN = "the same picture, as a service gives it back", "another picture", "taken for a placeholder"


def main() -> None:
    parser = argparse.ArgumentParser(description="How often likeness, placeholders and faces are judged rightly.")
    parser.add_argument("people", nargs="?", type=int, default=100, help="how many drawn people")
    parser.add_argument("--photographs", type=Path, metavar="FOLDER", help="photographs instead of drawn people")
    asked = parser.parse_args()
    if asked.photographs:
        _measure_photographs(asked.photographs)
    else:
        _measure_drawn(asked.people)


def _measure_drawn(people: int) -> None:
    _print(THE_SAME, _the_same(people))
    _print(ANOTHER, _others(people))
    _print_shares(TAKEN, _taken(people))


def _measure_photographs(folder: Path) -> None:
    found = photographs.read(folder)
    _print(THE_SAME, photographs.the_same(found))
    _print(ANOTHER, photographs.others(found))
    _print_shares(TAKEN, photographs.placeholders(found))
    _print_shares("faces", photographs.faces(found))
    _print_shares("told of the suggested square", photographs.told(found))


def _the_same(people: int) -> Iterator[tuple[str, Counter[Likeness]]]:
    for side in services.SIDES:
        found: Counter[Likeness] = Counter()
        for number, (look, rng) in enumerate(services.portraits(people, seed=5)):
            original = services.drawn(look, number % 4)
            found[_likeness(original, services.served(original, rng, side))] += 1
        yield f"{side} pixels", found


def _others(people: int) -> Iterator[tuple[str, Counter[Likeness]]]:
    for name, other in _cases().items():
        found: Counter[Likeness] = Counter()
        for number, (look, rng) in enumerate(services.portraits(people, seed=6)):
            shown = services.served(other(look, number % 4, rng), rng)
            found[_likeness(services.drawn(look, number % 4), shown)] += 1
        yield name, found
    yield "one person on two occasions", _occasions(people)
    yield "two placeholders", _placeholders_among_themselves()


def _cases() -> dict[str, Other]:
    changed: dict[str, Other] = {
        f"one feature changed: {feature}": lambda look, style, rng, feature=feature: services.drawn(
            services.with_another(look, feature, rng), style
        )
        for feature in FEATURES
    }
    return {
        "somebody else": lambda look, style, rng: services.drawn(
            next(services.portraits(1, rng.randrange(10**6)))[0], style
        ),
        "somebody else in the same clothes and colours": lambda look, style, rng: services.drawn(
            services.twin(look, rng), style
        ),
        "the same photograph cut 5 % closer": lambda look, style, rng: photographs.closer(
            services.drawn(look, style), 0.05
        ),
        "the same photograph cut 15 % closer": lambda look, style, rng: photographs.closer(
            services.drawn(look, style), 0.15
        ),
        "the same photograph cut 30 % closer": lambda look, style, rng: photographs.closer(
            services.drawn(look, style), 0.3
        ),
        **changed,
    }


def _occasions(people: int) -> Counter[Likeness]:
    rng = Random(7)
    return Counter(
        _likeness(draw(f"family {n}", 400), services.served(draw(f"family {n}", 400, "at the sea"), rng))
        for n in range(people)
    )


def _placeholders_among_themselves() -> Counter[Likeness]:
    drawn = [image for _, image in placeholders.all_kinds(Random(8))]
    pairs = ((one, other) for at, one in enumerate(drawn) for other in drawn[at + 1 :])
    return Counter(_likeness(one, other) for one, other in pairs)


def _likeness(one: Image.Image, other: Image.Image) -> Likeness:
    return compare(sign(picture_of(one.convert("RGB"))), sign(picture_of(other.convert("RGB"))))


def _taken(people: int) -> Iterator[photographs.Share]:
    rng = Random(9)
    for name, kinds in (("placeholders", placeholders.all_kinds), ("shaded placeholders", placeholders.all_shaded)):
        drawn = [image for _ in range(4) for _, image in kinds(rng)]
        for side in (48, 96, 240):
            shown = (services.recompressed(image.resize((side, side)), rng.choice((60, 75, 92))) for image in drawn)
            yield _share(f"{name} of {side} pixels", list(shown))
    yield _share("drawn people", [draw(f"nobody {n}", (48, 96, 240)[n % 3]) for n in range(people * 5)])
    yield _share("drawn people in grey", [draw(f"grey {n}", (48, 96, 240)[n % 3]).convert("L") for n in range(people)])
    places = [place(str(n)).resize((240, 240)) for n in range(30) for place in (draw_room, draw_team)]
    yield _share("rooms and envelopes", places)


def _share(name: str, pictures: list[Image.Image]) -> photographs.Share:
    return name, sum(silhouette(picture_of(image.convert("RGB"))) for image in pictures), len(pictures)


def _print(title: str, rows: Iterable[tuple[str, Counter[Likeness]]]) -> None:
    print(f"| {title} | n | same | unsure | different |\n|---|---|---|---|---|")
    for name, found in rows:
        shares = (found[one] / max(1, found.total()) for one in (Likeness.SAME, Likeness.UNSURE, Likeness.DIFFERENT))
        print(f"| {name} | {found.total()} |", " | ".join(f"{share:.1%}" for share in shares), "|", flush=True)
    print()


def _print_shares(title: str, rows: Iterable[photographs.Share]) -> None:
    print(f"| {title} | n | share |\n|---|---|---|")
    for name, count, of in rows:
        print(f"| {name} | {of} | {count / max(1, of):.1%} |", flush=True)
    print()


if __name__ == "__main__":
    main()
