from __future__ import annotations

import re
import time
from base64 import b64decode
from datetime import UTC, datetime, timedelta, timezone
from html.parser import HTMLParser
from io import BytesIO

import pytest
from PIL import Image

from samepic.model import Kind, Photo, Verdict
from samepic.practice.portraits import draw, phone_picture, print_picture
from samepic.sheet import MEANINGS, Cell, Line, Snapshot, contact_sheet

MORNING = datetime(2024, 5, 17, 9, 30, tzinfo=UTC)
VOID = {"meta", "input", "wbr", "br", "img", "link"}


class Page(HTMLParser):
    """Reads a page strictly: every element closed in order, ids unique; collects what a reader would see."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []
        ids = [attributes["id"] for _, attributes in self.elements if "id" in attributes]
        assert len(ids) == len(set(ids))

    def handle_starttag(self, tag, attrs):
        assert len(attrs) == len(dict(attrs))
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str, of_class: str = "") -> list[dict[str, str | None]]:
        return [
            attributes
            for name, attributes in self.elements
            if name == tag and (not of_class or of_class in (attributes.get("class") or "").split())
        ]


def photo(seed: str, side: int = 240) -> Photo:
    out = BytesIO()
    draw(seed, side).save(out, "JPEG")
    return Photo(out.getvalue(), "image/jpeg", (side, side))


ADA, OLD_ADA = photo("ada"), photo("old ada")


def line(name="Ada", cell: Cell | None = None, *, system="sharepoint", address="", kind=Kind.PERSON) -> Line:
    cells = {} if cell is None else {system: cell}
    return Line(name, f"{name.lower()}@contoso.example" if address == "" else address, kind, cells)


def snapshot(*lines: Line, systems=("sharepoint",), label="Before", at=MORNING) -> Snapshot:
    return Snapshot(label, at, systems, lines)


def later(*lines: Line) -> Snapshot:
    return snapshot(*lines, label="After", at=MORNING + timedelta(hours=24))


def embedded(html: str) -> list[Image.Image]:
    return [Image.open(BytesIO(b64decode(data))) for data in re.findall(r'href="data:image/jpeg;base64,([^"]+)"', html)]


@pytest.fixture(scope="module")
def crowd() -> tuple[Snapshot, Snapshot]:
    verdicts = list(Verdict)
    pictures = [photo(str(number), 96) for number in range(50)]

    def lines(shift: int) -> list[Line]:
        return [
            Line(
                f"Person {number}",
                f"person{number}@contoso.example",
                Kind.PERSON,
                {
                    system: Cell(verdicts[(number + shift + at) % 10], "A reason.", pictures[number % 50])
                    for at, system in enumerate(("exchange", "sharepoint"))
                },
            )
            for number in range(500)
        ]

    systems = ("exchange", "sharepoint")
    return snapshot(*lines(0), systems=systems), snapshot(*lines(1), systems=systems, label="After")


def test_a_change_shows_both_pictures_both_words_and_both_reasons():
    before = snapshot(line(cell=Cell(Verdict.OLDER, "An old one.", OLD_ADA)))
    after = later(line(cell=Cell(Verdict.SAME, "Fetched after the visit.", ADA)))
    html = contact_sheet("Contoso", before, after)
    page = Page(html)
    assert [face["aria-label"] for face in page.all("svg", "face")] == [
        "Ada in sharepoint, before: picture",
        "Ada in sharepoint, after: picture",
    ]
    assert [use["href"] for use in page.all("use")] == ["#p1", "#p2"]
    assert "Before: An old one. Fetched after the visit." in page.text
    assert page.all("tr", "changed")
    assert "1 person , 1 changed" in page.text
    assert "Before, 17 May 2024, 09:30 UTC → After, 18 May 2024, 09:30 UTC" in page.text


def test_the_summary_counts_before_and_after():
    names = ("Ada", "Grace", "Alan")
    before = snapshot(*(line(name, Cell(Verdict.OLDER)) for name in names))
    verdicts = (Verdict.SAME, Verdict.SAME, Verdict.OLDER)
    after = later(*(line(name, Cell(verdict)) for name, verdict in zip(names, verdicts, strict=True)))
    page = Page(contact_sheet("Contoso", before, after))
    assert page.text.index("0 → 2 ✓ same") < page.text.index("3 → 1 ↺ older") < page.text.index("What the words mean")
    assert [bar["title"] for bar in page.all("b")] == ["older: 3", "same: 2", "older: 1"]


def test_a_cell_that_stayed_tells_its_latest_reason_once_and_is_not_marked():
    before = snapshot(line(cell=Cell(Verdict.HELD, "Held since noon.", ADA)))
    after = later(line(cell=Cell(Verdict.HELD, "Held since yesterday.", ADA)))
    page = Page(contact_sheet("Contoso", before, after))
    assert "Held since noon." not in page.text
    assert page.text.count("Held since yesterday.") == 1
    assert not page.all("tr", "changed")
    assert not page.all("input")


def test_one_snapshot_alone_says_nothing_of_before_and_after():
    page = Page(contact_sheet("Contoso", snapshot(line(cell=Cell(Verdict.SAME, "As it should be.", ADA)))))
    assert [face["aria-label"] for face in page.all("svg", "face")] == ["Ada in sharepoint: picture"]
    assert "→" not in page.text
    assert "changed" not in page.text


def test_hostile_names_are_only_text():
    hostile = """<script>alert(1)</script>"'><img src=x onerror=alert(1)>{{ 7*7 }}"""
    who = Line(hostile, f'"{hostile}"@contoso.example', Kind.GUEST, {hostile: Cell(Verdict.HELD, hostile)})
    page = Page(contact_sheet(hostile, snapshot(who, systems=(hostile,), label=hostile)))
    assert not page.all("script")
    assert not page.all("img")
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert page.text.count("<script>alert(1)</script>") >= 5
    assert "49" not in page.text


def test_somebody_without_a_picture_gets_their_initials():
    page = Page(contact_sheet("Contoso", snapshot(line("ada maria lovelace", Cell(Verdict.NONE)))))
    assert page.all("div", "disc")[0]["aria-label"] == "ada maria lovelace in sharepoint: no picture"
    assert " AL " in page.text


@pytest.mark.parametrize("name", ["", " ", "李", "“”", "🙂 🙂", "\u202eevil"])
def test_any_name_can_be_shown(name):
    for address in ("someone@contoso.example", None):
        Page(contact_sheet("Contoso", snapshot(line(name, Cell(Verdict.NONE), address=address))))


def test_a_source_has_a_picture_and_no_verdict():
    page = Page(contact_sheet("Contoso", snapshot(line(cell=Cell(None, "The source.", ADA)))))
    assert page.all("use")
    assert len(page.all("span", "badge")) == len(Verdict)  # those of the legend


def test_a_system_that_was_not_looked_at_says_so():
    page = Page(contact_sheet("Contoso", snapshot(line(), line("Grace", Cell(Verdict.SAME, "", ADA)))))
    assert page.text.count("not looked at") == 1


def test_systems_of_both_snapshots_are_shown_in_order():
    both = ("exchange", "sharepoint")
    before = snapshot(line(cell=Cell(Verdict.SAME)), systems=both)
    after = snapshot(line(cell=Cell(Verdict.SAME)), systems=("sharepoint", "slack"))
    page = Page(contact_sheet("Contoso", before, after))
    assert "Person exchange sharepoint slack" in page.text


def test_the_same_picture_is_embedded_once():
    people = [line(name, Cell(Verdict.SAME, "", ADA)) for name in ("Ada", "Grace", "Alan")]
    html = contact_sheet("Contoso", snapshot(*people), later(*people))
    assert len(embedded(html)) == 1
    assert len(Page(html).all("use")) == 6


@pytest.mark.parametrize("make", [phone_picture, print_picture], ids=["sideways", "four inks"])
def test_pictures_are_made_small_square_and_anonymous(make):
    html = contact_sheet("Contoso", snapshot(line(cell=Cell(Verdict.SAME, "", Photo(make("ada"))))))
    [picture] = embedded(html)
    assert (picture.mode, picture.size) == ("RGB", (256, 256))
    assert not picture.getexif()
    assert "icc_profile" not in picture.info
    assert len(html) < 60_000


def test_a_picture_lying_on_its_side_is_shown_upright():
    stored, tags, out = Image.new("RGB", (400, 400), (255, 0, 0)), Image.Exif(), BytesIO()
    stored.paste((0, 0, 255), (200, 0, 400, 400))
    tags[0x0112] = 6  # to be turned a quarter clockwise: what is left comes to the top
    stored.save(out, "JPEG", exif=tags)
    html = contact_sheet("Contoso", snapshot(line(cell=Cell(Verdict.SAME, "", Photo(out.getvalue())))))
    [picture] = embedded(html)
    top, bottom = picture.getpixel((20, 20)), picture.getpixel((20, 230))
    assert (top[0] > 200, top[2] < 50) == (True, True)
    assert (bottom[0] < 50, bottom[2] > 200) == (True, True)


def test_transparent_pictures_lie_on_white():
    out = BytesIO()
    Image.new("RGBA", (64, 64), (255, 0, 0, 0)).save(out, "PNG")
    html = contact_sheet("Contoso", snapshot(line(cell=Cell(Verdict.SAME, "", Photo(out.getvalue(), "image/png")))))
    assert embedded(html)[0].getpixel((32, 32)) == (255, 255, 255)


@pytest.mark.parametrize(
    "data",
    [b"", b"not a picture", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", ADA.data[:300]],
    ids=["nothing", "text", "drawing", "torn"],
)
def test_bytes_that_are_no_picture_never_reach_the_page(data):
    html = contact_sheet("Contoso", snapshot(line(cell=Cell(Verdict.DIFFERENT, "", Photo(data)))))
    page = Page(html)
    assert embedded(html) == []
    assert page.all("div", "broken")[0]["aria-label"] == "Ada in sharepoint: picture that cannot be shown"


def test_a_picture_far_too_large_is_not_opened():
    out = BytesIO()
    Image.new("1", (7_800, 7_800)).save(out, "PNG")
    start = time.process_time()
    html = contact_sheet("Contoso", snapshot(line(cell=Cell(Verdict.DIFFERENT, "", Photo(out.getvalue())))))
    assert time.process_time() - start < 0.5
    assert embedded(html) == []


def test_people_are_paired_by_address_whatever_their_name_and_order():
    before = snapshot(
        line("Ada King", Cell(Verdict.OLDER), address="ADA@contoso.example"), line("Grace", Cell(Verdict.SAME))
    )
    after = later(
        line("Grace", Cell(Verdict.SAME)), line("Ada Lovelace", Cell(Verdict.SAME), address="ada@contoso.example")
    )
    page = Page(contact_sheet("Contoso", before, after))
    assert "2 people , 1 changed" in page.text
    assert "Ada King" not in page.text


def test_namesakes_without_an_address_stay_two_people():
    lines = [line("Sam", Cell(verdict), address=None) for verdict in (Verdict.SAME, Verdict.NONE)]
    page = Page(contact_sheet("Contoso", snapshot(*lines), later(*lines)))
    assert "2 people , 0 changed" in page.text


def test_who_came_and_who_left_is_said():
    page = Page(
        contact_sheet("Contoso", snapshot(line("Ada", Cell(Verdict.SAME))), later(line("Grace", Cell(Verdict.NONE))))
    )
    assert (
        page.text.index("Grace") < page.text.index("new here") < page.text.index("Ada") < page.text.index("no longer")
    )


def test_every_verdict_has_its_own_word_sign_and_sentence():
    assert set(MEANINGS) == set(Verdict)
    assert len({sign for sign, _ in MEANINGS.values()}) == len(Verdict)
    page = Page(contact_sheet("Contoso", snapshot()))
    for verdict, (sign, sentence) in MEANINGS.items():
        assert f"{sign} {verdict.value} {sentence}" in page.text


def test_every_verdict_has_its_colours():
    html = contact_sheet("Contoso", snapshot())
    for verdict in Verdict:
        name = verdict.value.replace(" ", "-")
        assert f".v-{name} {{ --tone: var(--{name}); --tone-wash: var(--{name}-wash); }}" in html
        assert f" --{name}: #" in html
        assert f" --{name}-wash: " in html


def test_nobody_is_a_page_too():
    page = Page(contact_sheet("Contoso", snapshot(), later()))
    assert "Nobody is listed." in page.text
    assert not page.all("table")


def test_instants_are_shown_in_utc():
    at = datetime(2024, 5, 1, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    assert "30 April 2024, 23:30 UTC" in contact_sheet("Contoso", snapshot(at=at))
    with pytest.raises(ValueError, match="time zone"):
        snapshot(at=datetime(2024, 5, 1, 1, 30))  # noqa: DTZ001 -- the very thing that is refused


def test_the_page_loads_nothing_and_runs_nothing(crowd):
    html = contact_sheet("Contoso", *crowd)
    page = Page(html)
    assert not page.all("script")
    assert not page.all("link")
    addresses = [
        value for _, attributes in page.elements for name, value in attributes.items() if name in ("src", "href")
    ]
    assert all(address.startswith(("data:image/jpeg;base64,", "#")) for address in addresses)
    assert "url(" not in html
    assert "@import" not in html


def test_five_hundred_people_are_quick(crowd):
    start = time.process_time()
    html = contact_sheet("Contoso", *crowd)
    assert time.process_time() - start < 3
    page = Page(html)
    assert "500 people" in page.text
    assert len(page.all("use")) == 2000
    assert len(embedded(html)) == 50
