"""What the contract cannot know about folders: links, names, two pictures of one person, a folder that is away."""

import contextlib
import os
import stat

import pytest
from pydantic import ValidationError

from samepic.connectors.base import Surroundings
from samepic.connectors.conformance import enrolled, surveyed
from samepic.connectors.folder import FolderConnector, FolderOptions, name_reader
from samepic.errors import Denied, Failed, Gone, Refused
from samepic.model import Account, Photo, Sighting, Unseen, Why

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
    ("pattern", "stem", "expected"),
    [
        ("{mail}", "Ada@X.example", "mail:ada@x.example"),
        ("photo-{employee}", "photo-0042", "employee:0042"),
        ("photo-{employee}", "0042", None),
        ("{upn}.portrait", "ada@x.example.portrait", "upn:ada@x.example"),
    ],
)
def test_a_name_is_read_by_its_pattern(pattern, stem, expected):
    assert name_reader(pattern)(stem) == expected


@pytest.mark.parametrize("pattern", ["", "photo", "{shoesize}", "{mail}-{upn}"])
def test_a_pattern_without_one_known_field_is_refused_offline(pattern, pictures):
    with pytest.raises(ValidationError, match="exactly one of"):
        FolderOptions(path=pictures, name=pattern)


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
