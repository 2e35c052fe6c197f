"""What the contract cannot know about folders: links, names, two pictures of one person, a folder that is away."""

import contextlib
import os
import stat
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from samepic.connectors.base import Surroundings
from samepic.connectors.conformance import enrolled, surveyed
from samepic.connectors.folder import FolderConnector, FolderOptions
from samepic.connectors.folder.pattern import Pattern
from samepic.errors import Denied, Failed, Gone, Refused
from samepic.model import Account, Photo, Sighting, Unseen, Why, key

JPEG, PNG = Photo(b"a jpeg", "image/jpeg"), Photo(b"a png", "image/png")


@pytest.fixture
def pictures(tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    return folder


@pytest.fixture
def nobody(pictures):
    """To be somebody to whom something can be forbidden; root is nobody in particular for a while."""

    @contextlib.contextmanager
    def being_nobody():
        if os.geteuid() != 0:
            yield
            return
        os.chown(pictures, NOBODY, NOBODY)
        for parent in pictures.parents:
            if not parent.stat().st_mode & stat.S_IXOTH:
                parent.chmod(stat.S_IMODE(parent.stat().st_mode) | stat.S_IXOTH)
        os.seteuid(NOBODY)
        try:
            yield
        finally:
            os.seteuid(0)

    return being_nobody()


NOBODY = 65534


@pytest.fixture
def connector(pictures):
    return FolderConnector("folder", FolderOptions(path=pictures), Surroundings())


def names(folder):
    return sorted(path.name for path in folder.iterdir())


async def test_the_files_are_the_roster_where_there_is_no_list(connector, pictures):
    for name in ("Ada@Contoso.example.jpg", "grace@contoso.example.PNG", ".hidden.jpg", "notes.txt", "jpg"):
        (pictures / name).write_bytes(b"x")
    (pictures / "folder.jpg").mkdir()
    assert sorted(await enrolled(connector), key=lambda account: account.ref) == [
        Account("Ada@Contoso.example", frozenset({"mail:ada@contoso.example"}), name="Ada@Contoso.example",
                address="ada@contoso.example"),
        Account("grace@contoso.example", frozenset({"mail:grace@contoso.example"}), name="grace@contoso.example",
                address="grace@contoso.example"),
    ]  # fmt: skip
    with pytest.raises(Gone):
        await connector.fetch("nobody@contoso.example")


async def test_a_target_without_a_list_takes_new_people(connector, pictures):
    await connector.put("new@contoso.example", {"photo": JPEG})
    assert names(pictures) == ["new@contoso.example.jpg"]
    assert await connector.fetch("new@contoso.example") == JPEG


@pytest.mark.parametrize(
    ("pattern", "means", "stem", "expected"),
    [
        ("{mail}", {}, "Ada@X.example", {"mail:ada@x.example"}),
        ("{mail}.jpg", {}, "ada@x.example", {"mail:ada@x.example"}),
        ("{employee}.*", {}, "0042", {"employee:0042"}),
        ("photo-{employee}", {}, "PHOTO-0042", {"employee:0042"}),
        ("photo-{employee}", {}, "0042", set()),
        ("{upn}.portrait", {}, "ada@x.example.portrait", {"upn:ada@x.example"}),
        ("{employee}-{mail}", {}, "42-ada@x.example", {"employee:42", "mail:ada@x.example"}),
        ("{ou}/{upn}", {}, "sales/ada@x.example", {"upn:ada@x.example"}),
        ("{ou}/{upn}", {}, "ada@x.example", set()),
        ("{first}_{last}", {"mail": "{first}.{last}@x.example"}, "Ada_Lovelace", {"mail:ada.lovelace@x.example"}),
        ("{first}_{last}", {"mail": "{first}.{last}@x.example"}, "Anna_Maria_Lopez", set()),  # whose name is Maria?
        ("{alias}", {}, unicodedata.normalize("NFD", "Zoë"), {f"alias:{unicodedata.normalize('NFC', 'zoë')}"}),
    ],
)
def test_a_name_is_read_by_its_pattern(pattern, means, stem, expected, pictures):
    assert FolderOptions(path=pictures, name=pattern, means=means).pattern.keys(stem) == expected


@pytest.mark.parametrize("pattern", ["", "photo", "{shoesize}", "{first}_{last}.*", "{mail}-{mail}", "{1}"])
def test_a_pattern_that_means_nobody_is_refused_offline(pattern, pictures):
    with pytest.raises(ValidationError, match="has to"):
        FolderOptions(path=pictures, name=pattern)


@pytest.mark.parametrize("made", [{"mail": "x"}, {"mail": "{nick}@x"}, {"shoe": "{first}"}, {"mail": "{first}{}"}])
def test_means_makes_a_key_of_the_names_parts(made, pictures):
    with pytest.raises(ValidationError, match="means"):
        FolderOptions(path=pictures, name="{first}_{last}", means=made)


PART = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=8)


@given(PART, PART)
def test_a_name_made_of_parts_is_read_as_those_parts(first, last):
    found = Pattern("x-{first}_{last}", {"mail": "{first}.{last}@x"}).keys(f"x-{first}_{last}")
    assert found == {key("mail", unicodedata.normalize("NFC", f"{first}.{last}@x"))}


async def test_names_are_compared_whatever_their_case_and_however_accents_are_written(pictures, tmp_path):
    decomposed = unicodedata.normalize("NFD", "Zoë@x.example")
    (pictures / f"{decomposed}.jpg").write_bytes(b"zoe")
    (pictures / "ADA@x.example.png").write_bytes(b"ada")
    listed = ["ada@x.example", unicodedata.normalize("NFC", "zoë@x.example"), "nobody@x.example"]
    (tmp_path / "people.txt").write_text("\n".join(listed), encoding="utf-8")
    connector = FolderConnector("folder", FolderOptions(path=pictures, people=tmp_path / "people.txt"), Surroundings())
    assert sorted(one.ref for one in await enrolled(connector)) == sorted(listed)
    assert (await connector.fetch(listed[0])).data == b"ada"
    assert (await connector.fetch(listed[1])).data == b"zoe"
    await connector.put("ada@x.example", {"photo": PNG})
    assert names(pictures) == sorted(["ADA@x.example.png", f"{decomposed}.jpg"])


async def test_two_spellings_of_one_name_are_not_chosen_between(connector, pictures):
    for name in ("Ada@x.example.jpg", "ada@x.example.jpg"):
        (pictures / name).write_bytes(b"x")
    [one] = await enrolled(connector)
    with pytest.raises(Refused, match=r"Ada@x\.example\.jpg and ada@x\.example\.jpg"):
        await connector.fetch(one.ref)


async def test_pictures_lie_as_deep_as_the_pattern_says_and_no_link_is_followed(pictures, tmp_path):
    for folder in (pictures / "sales", pictures / "sales" / "old", tmp_path / "outside"):
        folder.mkdir()
        (folder / "0042.jpg").write_bytes(b"x")
    (pictures / "0042.jpg").write_bytes(b"x")
    (pictures / "link").symlink_to(tmp_path / "outside", target_is_directory=True)
    connector = FolderConnector("folder", FolderOptions(path=pictures, name="{ou}/{employee}.*"), Surroundings())
    assert [one.ref for one in await enrolled(connector)] == ["sales/0042"]
    await connector.put("sales/0007", {"photo": JPEG})
    assert names(pictures / "sales") == ["0007.jpg", "0042.jpg", "old"]
    for ref in ("link/0042", "../outside/0042", "sales/old/0042", "0042", "sales/../0042"):
        with pytest.raises(Refused):
            await connector.put(ref, {"photo": JPEG})


async def test_names_that_mean_nobody_are_told(pictures):
    (pictures / "holiday.jpg").write_bytes(b"x")
    connector = FolderConnector("folder", FolderOptions(path=pictures, name="photo-{mail}"), Surroundings())
    assert "1 names mean nobody, such as holiday." in [one.message for one in await connector.check()]


async def test_a_folder_is_watched_and_what_is_still_being_written_is_not_told(connector, pictures):
    [start] = [one async for one in connector.changes(None)]
    (pictures / "ada@x.example.jpg").write_bytes(b"half")
    assert [one async for one in connector.changes(start.token)] == []
    (pictures / "ada@x.example.jpg").write_bytes(b"half and more")
    assert [one async for one in connector.changes(start.token)] == []
    told = [one async for one in connector.changes(start.token)]
    assert [one.ref for one in told] == ["ada@x.example"]
    (pictures / "ada@x.example.jpg").unlink()
    assert [one async for one in connector.changes(told[-1].token)] == []
    gone = [one async for one in connector.changes(told[-1].token)]
    assert [one.ref for one in gone] == ["ada@x.example"]
    assert [one async for one in connector.changes(gone[-1].token)] == []


def test_paths_count_from_the_settings_file(tmp_path):
    options = FolderOptions.model_validate({"path": "faces"}, context={"folder": tmp_path})
    assert options.path == tmp_path / "faces"


@pytest.mark.parametrize("ref", ["../outside", "/etc/passwd", "..", ".", "", "a/b", "a\\b", "a\0b", ".hidden", "a:b"])
async def test_no_ref_leads_out_of_the_folder(connector, pictures, tmp_path, ref):
    (tmp_path / "outside.jpg").write_bytes(b"secret")
    (pictures / ".hidden.jpg").write_bytes(b"hidden")
    with pytest.raises(Gone):
        await connector.fetch(ref)
    with pytest.raises(Refused):
        await connector.put(ref, {"photo": JPEG})
    await connector.remove(ref)
    assert (tmp_path / "outside.jpg").read_bytes() == b"secret"
    assert names(pictures) == [".hidden.jpg"]


async def test_links_are_neither_followed_nor_replaced(connector, pictures, tmp_path):
    outside = tmp_path / "outside.jpg"
    outside.write_bytes(b"secret")
    (pictures / "ada.jpg").symlink_to(outside)
    (pictures / "loop.jpg").symlink_to("loop.jpg")
    assert await enrolled(connector) == []
    with pytest.raises(Gone):
        await connector.fetch("ada")
    with pytest.raises(Refused, match="link"):
        await connector.put("ada", {"photo": JPEG})
    await connector.remove("ada")
    assert outside.read_bytes() == b"secret"
    assert (pictures / "ada.jpg").is_symlink()


async def test_a_picture_of_another_type_takes_the_old_ones_place(connector, pictures):
    await connector.put("ada", {"photo": PNG})
    (pictures / "other.png").write_bytes(b"untouched")
    first = await connector.peek("ada")
    shown = await connector.put("ada", {"photo": JPEG}, expect=first.version)
    assert names(pictures) == ["ada.jpg", "other.png"]
    assert await connector.peek("ada") == shown


async def test_a_picture_of_the_same_type_keeps_its_file_name(connector, pictures):
    (pictures / "ada.JPEG").write_bytes(b"old")
    await connector.put("ada", {"photo": JPEG})
    assert names(pictures) == ["ada.JPEG"]


async def test_two_pictures_of_one_person_are_not_chosen_between(connector, pictures):
    for name in ("ada.jpg", "ada.png"):
        (pictures / name).write_bytes(b"x")
    with pytest.raises(Refused, match=r"ada\.jpg and ada\.png"):
        await connector.put("ada", {"photo": JPEG})
    with pytest.raises(Refused):
        await connector.remove("ada")
    [(_, seen)] = await surveyed(connector, ["ada"])
    assert isinstance(seen, Unseen)
    assert seen.why is Why.DENIED
    assert names(pictures) == ["ada.jpg", "ada.png"]


async def test_a_folder_that_is_away_is_not_an_empty_one(tmp_path):
    connector = FolderConnector("folder", FolderOptions(path=tmp_path / "unmounted"), Surroundings())
    with pytest.raises(Failed):
        await enrolled(connector)
    with pytest.raises(Failed):
        await connector.peek("ada")
    [(_, seen)] = await surveyed(connector, ["ada"])
    assert isinstance(seen, Unseen)
    assert seen.why is Why.FAILED
    [finding] = await connector.check()
    assert finding.level == "problem"


async def test_a_list_of_people_that_is_away_is_trouble(pictures, tmp_path):
    (pictures / "ada.jpg").write_bytes(b"x")
    options = FolderOptions(path=pictures, people=tmp_path / "nowhere.txt")
    with pytest.raises(Failed, match=r"nowhere\.txt"):
        await enrolled(FolderConnector("folder", options, Surroundings()))


async def test_a_folder_that_may_not_be_written_is_denied(connector, pictures, nobody):
    pictures.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with nobody, pytest.raises(Denied):
        await connector.put("ada", {"photo": JPEG})


async def test_a_file_that_is_too_large_is_seen_but_not_read(pictures):
    connector = FolderConnector("folder", FolderOptions(path=pictures, max_bytes=10), Surroundings())
    (pictures / "ada.jpg").write_bytes(b"x" * 11)
    assert isinstance(await connector.peek("ada"), Sighting)
    with pytest.raises(Refused, match="larger"):
        await connector.fetch("ada")


async def test_a_failed_write_leaves_the_old_picture_and_nothing_beside_it(connector, pictures, monkeypatch):
    await connector.put("ada", {"photo": JPEG})

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Failed, match="No space left"):
        await connector.put("ada", {"photo": Photo(b"newer", "image/jpeg")})
    assert names(pictures) == ["ada.jpg"]
    assert await connector.fetch("ada") == JPEG


async def test_a_media_type_without_an_extension_is_refused(connector):
    with pytest.raises(Refused):
        await connector.put("ada", {"photo": Photo(b"x", "image/heic")})


async def test_a_file_overwritten_in_place_shows_a_new_version(connector, pictures):
    (pictures / "ada.gif").write_bytes(b"old")
    before = await connector.peek("ada")
    (pictures / "ada.gif").write_bytes(b"newer")
    assert (await connector.peek("ada")).version != before.version


async def test_what_a_killed_process_left_half_written_is_swept_with_the_next_write(connector, pictures):
    old, young = pictures / f".{'a' * 32}.samepic", pictures / f".{'b' * 32}.samepic"
    aside = pictures / f".ada.png.{'c' * 32}.samepic"
    for path in (old, young, aside):
        path.write_bytes(b"half")
    for path in (old, aside):
        os.utime(path, (0, 0))
    await connector.put("grace", {"photo": JPEG})
    assert not old.exists()
    assert young.exists()
    assert aside.exists()
