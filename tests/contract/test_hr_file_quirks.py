"""What the contract cannot know about tables of people: encodings, bad rows, jails, addresses, a file being written."""

import asyncio
import base64
import io
import os
import zipfile
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from samepic.connectors.base import ForgetfulMemo, Surroundings
from samepic.connectors.conformance import drawn, enrolled, surveyed
from samepic.connectors.files import HrFileConnector, HrFileOptions
from samepic.connectors.files.people import known_columns, read_people
from samepic.connectors.files.table import Shape, read_table
from samepic.errors import Denied, Failed, Gone, Refused
from samepic.model import Demand, Level, Sighting, Unseen, Why

JPEG = drawn("green", Demand(side=(48, 96))).data


@pytest.fixture
def hr(tmp_path):
    """Writes the file and the faces; gives a connector."""
    (tmp_path / "faces").mkdir()
    (tmp_path / "faces" / "ada.jpg").write_bytes(JPEG)

    def made(content="", around=None, **options):
        path = tmp_path / "people.csv"
        if content:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        given = {"path": path, "pictures": tmp_path / "faces", "quiet": 0, **options}
        return HrFileConnector("hr", HrFileOptions(**given), around or Surroundings())

    return made


async def told(connector):
    """What is wrong, as an administrator reads it."""
    return [f"{one.subject}: {one.message}" for one in await connector.check() if one.level is not Level.GOOD]


RUSSIAN = "Табельный номер;Почта;ФИО;Фото\n0001;ada@contoso.example;Ада Лавлейс;ada.jpg\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
async def test_any_unicode_is_read_with_or_without_a_mark(hr, encoding):
    [ada] = await enrolled(hr(RUSSIAN.encode(encoding)))
    assert (ada.ref, ada.name, ada.address) == ("employee:0001", "Ада Лавлейс", "ada@contoso.example")


async def test_an_older_encoding_is_read_where_it_is_named_and_guessed_aloud_where_not(hr):
    assert (await enrolled(hr(RUSSIAN.encode("cp1251"), encoding="cp1251")))[0].name == "Ада Лавлейс"
    guessed = hr("mail;name\njorg@x.example;Jörg\n".encode("cp1252"))
    assert (await enrolled(guessed))[0].name == "Jörg"
    assert await told(guessed) == ["the file: The file is not in Unicode, and is read as Windows-1252."]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("first", ["", "sep=?"])
async def test_delimiters_and_line_ends_are_found(hr, delimiter, end, first):
    lines = ["E-mail?Note, with a comma?Photo", "ada@x.example?a; b?ada.jpg"]
    quoted = [delimiter.join(f'"{cell}"' for cell in line.split("?")) for line in lines]
    first = [first.replace("?", delimiter)] if first else []
    connector = hr(end.join([*first, *quoted]))
    assert [one.ref for one in await enrolled(connector)] == ["mail:ada@x.example"]
    assert (await connector.fetch("mail:ada@x.example")).data == JPEG


def workbook(*rows, sheet="People"):
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


async def test_excel_is_read_by_its_content_and_numbers_are_as_typed(hr):
    connector = hr(workbook(["Employee ID", "Email", "Photo"], [42.0, "ada@x.example", "ada.jpg"], [], [7, None, None]))
    assert {one.ref for one in await enrolled(connector)} == {"employee:42", "employee:7"}
    assert (await connector.fetch("employee:42")).data == JPEG


async def test_a_sheet_that_is_not_there_is_told_with_those_that_are(hr):
    connector = hr(workbook(["mail"], ["a@x.example"]), sheet="Staff")
    with pytest.raises(Refused, match="no sheet 'Staff'") as refused:
        await enrolled(connector)
    assert refused.value.remedy == "There are: People."


async def test_a_workbook_that_unpacks_to_too_much_is_not_unpacked(hr):
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/workbook.xml", b"0" * 2_000_000)
    with pytest.raises(Refused, match="unpacks to more than 1,000,000 bytes"):
        await enrolled(hr(bomb.getvalue(), max_file=1_000_000))


def patched(data, part, old, new):
    """A workbook with something in one of its parts exchanged."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as parts:
        for name in source.namelist():
            content = source.read(name)
            parts.writestr(name, content.replace(old, new) if name == part else content)
    return out.getvalue()


async def test_entities_in_a_workbook_are_not_expanded(hr):
    good = workbook(["mail"], ["a@x.example"])
    entity = b'<!DOCTYPE worksheet [<!ENTITY e SYSTEM "file:///etc/passwd">]><worksheet'
    with pytest.raises(Refused, match="no Excel workbook") as refused:
        await enrolled(hr(patched(good, "xl/worksheets/sheet1.xml", b"<worksheet", entity)))
    assert "EntitiesForbidden" in repr(refused.value.__context__.__cause__)


@pytest.mark.parametrize("data", [b"PK\x03\x04 and no more", b"\xd0\xcf\x11\xe0 as before 2007", b"", b"\n\n"])
async def test_what_cannot_be_read_is_refused_with_a_remedy(hr, data, tmp_path):
    (tmp_path / "people.csv").write_bytes(data)
    connector = hr()
    with pytest.raises(Refused) as refused:
        await enrolled(connector)
    assert refused.value.remedy
    [finding] = await connector.check()
    assert finding.level is Level.PROBLEM


MISTAKES = """Number,Staff ID,E-mail,Photo
1,0001,ada@x.example,ada.jpg
2,,,ada.jpg
3,0003,not an address,
4,#REF!,grace@x.example,missing.jpg
5,0005,a "quoted" word is fine,ada.jpg
6,0006,"never closed@x.example,ada.jpg
7,0007,kay@x.example,ada.jpg
8,0008,last@x.example,../outside.jpg
"""


async def test_one_bad_row_never_stops_the_rest(hr):
    connector = hr(MISTAKES)
    refs = {one.ref for one in await enrolled(connector)}
    assert refs == {"employee:0001", "employee:0003", "mail:grace@x.example", "employee:0005"} | {
        "employee:0007",
        "employee:0008",
    }
    assert await told(connector) == [
        "row 3: Nothing says who this is.",
        "row 4, column E-mail: 'not an address' is no mail address.",
        "row 5, column Staff ID: Excel says #REF! there.",
        "row 5, column Photo: missing.jpg is not in the folder of pictures.",
        "row 6, column E-mail: 'a \"quoted\" word is fine' is no mail address.",
        "row 7: A quotation mark is open, or stands inside a cell.",
        "row 9, column Photo: The path leads out of the folder of pictures.",
    ]
    assert all(one.remedy for one in await connector.check() if one.level is not Level.GOOD)


async def test_unreadable_is_not_empty(hr):
    connector = hr(MISTAKES)
    with pytest.raises(Refused, match=r"Row 5, column Photo: missing\.jpg is not in the folder") as refused:
        await connector.fetch("mail:grace@x.example")
    assert refused.value.system == "hr"
    [(_, seen)] = await surveyed(connector, ["mail:grace@x.example"])
    assert isinstance(seen, Unseen)
    assert seen.why is Why.DENIED
    assert await connector.peek("employee:0003") == Sighting(False)


async def test_rows_that_contradict_each_other_are_held_and_those_that_agree_are_one(hr):
    rows = ["employee,mail,picture", "1,ada@x.example,ada.jpg", "1,ada@x.example,other.jpg"]
    rows += ["2,two@x.example,ada.jpg", "2,two@x.example,ada.jpg", "3,ada@x.example,ada.jpg"]
    connector = hr("\n".join(rows))
    assert {one.ref for one in await enrolled(connector)} == {"employee:1", "employee:2", "employee:3"}
    for held in ("employee:1", "employee:3"):
        with pytest.raises(Refused, match="Rows 2 and 3 and 6 have the same mail"):
            await connector.peek(held)
    assert (await connector.peek("employee:2")).present
    assert [one.partition(":")[0] for one in await told(connector)] == ["row 3", "row 3"]


@pytest.mark.parametrize(
    ("header", "named", "said"),
    [
        ("mail,e-mail", {}, "both look like mail"),
        ("who,what", {}, "No column says who"),
        ("mail", {"picture": "Face"}, "no column 'Face'"),
    ],
)
async def test_columns_that_cannot_be_told_stop_everything(hr, header, named, said):
    with pytest.raises(Refused, match=said) as refused:
        await enrolled(hr(f"{header}\na@x.example,b\n", columns=named))
    assert "olumn" in refused.value.remedy


async def test_columns_are_named_in_the_settings(hr):
    connector = hr(
        "Kennung;Datei;Mail\nada@x.example;ada.jpg;ignored\n", columns={"upn": "kennung", "picture": "Datei"}
    )
    connector = hr(
        "Kennung;Datei;Vorname;Nachname\nada@x.example;ada.jpg;Ada;Lovelace\n",
        columns={"upn": "kennung", "picture": "Datei"},
    )
    [ada] = await enrolled(connector)
    assert (ada.ref, ada.name) == ("upn:ada@x.example", "Ada Lovelace")
    assert (await connector.peek(ada.ref)).present


@pytest.mark.parametrize("wrong", [{"encoding": "klingon"}, {"delimiter": ";;"}, {"columns": {"shoe": "size"}}])
def test_settings_that_make_no_sense_are_refused_offline(hr, wrong):
    with pytest.raises(ValidationError):
        hr(**wrong)


@pytest.mark.parametrize(
    "cell",
    ["../secret.jpg", "/etc/passwd", "sub/../../secret.jpg", "C:\\secret.jpg", "\\\\host\\share\\x.jpg", "..\\x"],
)
async def test_no_path_leads_out_of_the_folder(hr, tmp_path, cell):
    (tmp_path / "secret.jpg").write_bytes(JPEG)
    with pytest.raises(Refused, match="leads out"):
        await hr(f"mail,photo\na@x.example,{cell}\n").fetch("mail:a@x.example")


@pytest.mark.parametrize("cell", ["link.jpg", "folder/ada.jpg", "fifo", "inner"])
async def test_links_folders_and_pipes_are_not_followed(hr, tmp_path, cell):
    connector = hr(f"mail,photo\na@x.example,{cell}\n")
    faces = tmp_path / "faces"
    (faces / "link.jpg").symlink_to(faces / "ada.jpg")
    (faces / "folder").symlink_to(faces, target_is_directory=True)
    (faces / "inner").mkdir()
    os.mkfifo(faces / "fifo")
    with pytest.raises(Refused):
        await connector.fetch("mail:a@x.example")


async def test_windows_paths_and_deeper_folders_are_read(hr, tmp_path):
    connector = hr("mail,photo\na@x.example,2026\\march\\ada.jpg\n")
    (tmp_path / "faces" / "2026" / "march").mkdir(parents=True)
    (tmp_path / "faces" / "2026" / "march" / "ada.jpg").write_bytes(JPEG)
    assert (await connector.fetch("mail:a@x.example")).media_type == "image/jpeg"


async def test_base64_that_was_cut_off_is_told(hr):
    cut = base64.b64encode(JPEG).decode()[:81]
    with pytest.raises(Refused, match="Row 2, column photo: The base64 is damaged") as refused:
        await hr(f"mail,photo\na@x.example,{cut}\n").peek("mail:a@x.example")
    assert "32,767" in refused.value.remedy


@asynccontextmanager
async def picture_server():
    """Over plain HTTP: what it was asked, and what it answers with."""

    class World:
        body, tag, heads = JPEG, "1", []

    world = World()

    async def talk(reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        world.heads.append(head)
        same = f'If-None-Match: "{world.tag}"' in head
        status, body = ("304 Not Modified", b"") if same else ("200 OK", world.body)
        length = f"Content-Length: {len(body)}\r\n"
        writer.write(f'HTTP/1.1 {status}\r\nETag: "{world.tag}"\r\n{length}Connection: close\r\n\r\n'.encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    world.port = server.sockets[0].getsockname()[1]
    try:
        yield world
    finally:
        server.close()


async def test_an_unchanged_picture_at_an_address_is_not_sent_again_even_after_a_restart(hr):
    around = Surroundings(memo=ForgetfulMemo())
    open_to = {"allow_http": True, "allow_addresses": ["127.0.0.1/32"]}
    async with picture_server() as world:
        rows = f"mail,photo\na@x.example,http://127.0.0.1:{world.port}/a.jpg?sig=hidden\n"
        async with hr(rows, around, **open_to) as first:
            before = await first.peek("mail:a@x.example")
            assert (await first.fetch("mail:a@x.example")).data == JPEG
        async with hr(rows, around, **open_to) as second:
            assert await second.peek("mail:a@x.example") == before
            assert 'If-None-Match: "1"' in world.heads[-1]
            world.tag = "2"
            assert await second.peek("mail:a@x.example") == before  # another tag for the same picture
            world.tag, world.body = "3", drawn("navy", Demand(side=(48, 96))).data
            assert await second.peek("mail:a@x.example") != before
    assert "hidden" not in str(await around.memo.load())


async def test_an_address_inside_is_refused_with_row_and_remedy(hr):
    async with picture_server() as world:
        rows = f"mail,photo\na@x.example,http://127.0.0.1:{world.port}/?sig=hidden\n"
        async with hr(rows, allow_http=True) as connector:
            with pytest.raises(
                Refused, match=r"Row 2, column photo: 127\.0\.0\.1 is not on the open internet"
            ) as refused:
                await connector.peek("mail:a@x.example")
        assert "allow_addresses" in refused.value.remedy
        assert "hidden" not in str(refused.value)
        assert world.heads == []


async def test_a_file_that_is_away_or_forbidden_is_trouble_and_no_empty_roster(hr, tmp_path, monkeypatch):
    with pytest.raises(Failed, match=r"people\.csv: No such file"):
        await enrolled(hr())
    connector = hr("mail\na@x.example\n")
    with pytest.raises(Gone):
        await connector.peek("mail:b@x.example")

    def forbidden(*_, **__):
        raise PermissionError(13, "Permission denied", "people.csv")

    monkeypatch.setattr(os, "stat", forbidden)
    with pytest.raises(Denied, match="Permission denied"):
        await connector.peek("mail:a@x.example")


class Writer:
    """Somebody who goes on writing the file while we wait for it; a clock and a sleep for the connector."""

    def __init__(self, path, pieces):
        self.path, self.pieces, self.now = path, list(pieces), datetime.now(UTC).timestamp()
        self.write()

    def write(self):
        if self.pieces:
            self.path.write_bytes(self.pieces.pop(0))
            os.utime(self.path, (self.now, self.now))

    def clock(self):
        return datetime.fromtimestamp(self.now, UTC)

    async def sleep(self, seconds):
        self.now += seconds
        self.write()


async def test_a_file_that_is_being_written_is_waited_for(hr, tmp_path):
    head = b"mail\na@x.example\n"
    writer = Writer(tmp_path / "people.csv", [head, head + b"b@x.ex", head + b"b@x.example\n"])
    connector = hr(around=Surroundings(clock=writer.clock, sleep=writer.sleep), quiet=2)
    assert {one.ref for one in await enrolled(connector)} == {"mail:a@x.example", "mail:b@x.example"}


async def test_a_file_that_is_written_on_and_on_is_not_read(hr, tmp_path):
    writer = Writer(tmp_path / "people.csv", [b"mail\n" + b"x" * number for number in range(20)])
    connector = hr(around=Surroundings(clock=writer.clock, sleep=writer.sleep), quiet=2)
    with pytest.raises(Failed, match="is being written"):
        await enrolled(connector)


async def feed(connector, since):
    events = [one async for one in connector.changes(since)]
    return [one.ref for one in events if one.ref], (events[-1].token if events else since)


async def test_the_feed_tells_a_change_once_it_was_the_same_at_two_looks(hr, tmp_path):
    connector = hr("mail,photo\na@x.example,ada.jpg\nb@x.example,\n")
    _, token = await feed(connector, None)
    (tmp_path / "faces" / "ada.jpg").write_bytes(JPEG[:20])
    assert await feed(connector, token) == ([], token)
    (tmp_path / "faces" / "ada.jpg").write_bytes(JPEG + b"\0")
    assert await feed(connector, token) == ([], token)
    refs, later = await feed(connector, token)
    assert refs == ["mail:a@x.example"]
    assert await feed(connector, later) == ([], later)


async def test_after_a_restart_the_feed_goes_on_and_in_doubt_tells_of_everybody(hr, tmp_path):
    rows = "mail,photo\na@x.example,ada.jpg\nb@x.example,\n"
    _, token = await feed(hr(rows), None)
    assert await feed(hr(), token) == ([], token)
    (tmp_path / "faces" / "ada.jpg").write_bytes(JPEG + b"\0")
    refs, later = await feed(hr(), token)
    assert refs == ["mail:a@x.example", "mail:b@x.example"]
    assert later != token


# Whatever somebody saves as CSV

CELL = st.text(max_size=12) | st.sampled_from(["", "ada@x.example", "0001", "#N/A", '"', '""', "../x", "https://x/y"])


def parsed(data):
    table = read_table(data, Shape(), lambda header: known_columns(header, {}))
    return table, read_people(table, {})


@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_refused(data):
    try:
        parsed(data)
    except Refused as refused:
        assert str(refused)  # noqa: PT017 -- most bytes are refused, and all of them in words


@given(st.binary(max_size=200))
def test_any_bytes_after_a_good_start_cost_nobody_before_them(data):
    _, people = parsed(b"mail,picture\nada@x.example,a.jpg\n" + data)
    assert "mail:ada@x.example" in people.entries


@given(st.lists(st.tuples(CELL, CELL, CELL), max_size=8), st.sampled_from(";,\t"))
def test_every_row_is_a_person_or_a_mistake(rows, delimiter):
    text = "\n".join(delimiter.join(row) for row in [("employee", "mail", "picture"), *rows])
    table, people = parsed(text.encode("utf-8", "replace"))
    spoken = {one.row for one in people.entries.values()} | {one.row for one in people.mistakes}
    same_as = {one.ref for one in people.entries.values()}
    for number, cells in table.rows:
        said = f"employee:{cells[0].strip().casefold()}", f"mail:{cells[1].strip().casefold()}" if cells[1:] else ""
        assert number in spoken or same_as & set(said)
