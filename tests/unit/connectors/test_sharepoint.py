"""SharePoint's decisions without a wire: profiles, names, and whom to ask again."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from pydantic import ValidationError

from samepic.connectors.base import ForgetfulMemo
from samepic.connectors.sharepoint import SharePointOptions
from samepic.connectors.sharepoint.library import Item, Listing
from samepic.connectors.sharepoint.profile import Profile, Thumbnails, account_name, profile_from, timestamp
from samepic.connectors.sharepoint.remembered import Known, Memory, Newcomers, explain
from samepic.connectors.sharepoint.site import literal
from samepic.errors import Failed, Gone, Hidden
from samepic.model import Sighting

MY = "https://contoso-my.sharepoint.com"
ADA, GRACE = str(UUID(int=1)), str(UUID(int=2))
FOLDER = "/User Photos/Profile Pictures"


def test_a_text_in_an_address_is_quoted_doubled_and_encoded():
    assert literal("/User Photos/d'Arc#1_LThumb.jpg") == "'/User%20Photos/d%27%27Arc%231_LThumb.jpg'"
    assert literal(account_name("ada@contoso.example")) == "'i%3A0%23.f%7Cmembership%7Cada%40contoso.example'"


def test_a_timestamp_counts_from_the_year_one():
    assert timestamp(datetime(2022, 3, 17, 18, 2, 49, tzinfo=UTC)) == "63783136969"


def said(**properties):
    return {"UserProfileProperties": [{"Key": key.replace("_", "-"), "Value": v} for key, v in properties.items()]}


@pytest.mark.parametrize(
    ("properties", "shows", "untouched"),
    [
        ({}, False, True),
        ({"PictureURL": "", "SPS_PictureTimestamp": "0"}, False, True),
        ({"PictureURL": None, "SPS_PictureTimestamp": None}, False, True),
        ({"PictureURL": "", "SPS_PictureTimestamp": "63783110969"}, False, False),
        ({"PictureURL": "https://x/a_MThumb.jpg"}, True, False),
        ({"PictureURL": "https://x/a_MThumb.jpg", "SPS_PicturePlaceholderState": "0"}, True, False),
        ({"PictureURL": "https://x/a_MThumb.jpg", "SPS_PicturePlaceholderState": "1"}, False, False),
    ],
)
def test_a_profile_says_what_is_shown_and_whether_anybody_was_ever_there(properties, shows, untouched):
    profile = profile_from(said(**properties))
    assert (profile.shows_picture, profile.untouched) == (shows, untouched)


@pytest.mark.parametrize("nothing", [None, {"odata.null": True}])
def test_a_profile_that_is_not_there_is_gone(nothing):
    with pytest.raises(Gone):
        profile_from(nothing)


@pytest.mark.parametrize("nonsense", [{}, [], {"UserProfileProperties": [{}]}])
def test_a_profile_that_makes_no_sense_has_failed(nonsense):
    with pytest.raises(Failed):
        profile_from(nonsense)


@pytest.mark.parametrize(
    "address",
    [
        f"{MY}/User%20Photos/Profile%20Pictures/a_MThumb.jpg",
        f"{MY}:443/User%20Photos/Profile%20Pictures/a_MThumb.jpg?t=63783110969",
        f"{MY.upper()}/User%20Photos/Profile%20Pictures/a_LThumb.jpg".replace("HTTPS", "https"),
    ],
)
def test_names_are_learned_from_the_pictures_address(address):
    assert Profile(address, False, "1").thumbnails(MY) == Thumbnails(f"{FOLDER}/a")


def test_thumbnails_have_paths_and_addresses():
    files = Thumbnails(f"{FOLDER}/a")
    assert files.path("L") == f"{FOLDER}/a_LThumb.jpg"
    assert files.address(MY, "M") == f"{MY}/User%20Photos/Profile%20Pictures/a_MThumb.jpg"


@pytest.mark.parametrize("address", ["https://elsewhere.example/a_MThumb.jpg", f"{MY}/Lists/a.png", "nonsense"])
def test_a_picture_kept_elsewhere_is_hidden(address):
    with pytest.raises(Hidden):
        Profile(address, False, "1").thumbnails(MY)


def listing(*stems, first=1):
    items = [Item(first + number, f"{FOLDER}/{stem}", f'"{stem},1"') for number, stem in enumerate(stems)]
    return Listing({item.stem.casefold(): item for item in items}, items[-1].id if items else 0)


SHOWN = Known(f"{FOLDER}/a", '"a,1"', shown=True, mark=1)
COVERED = Known(f"{FOLDER}/a", '"a,1"', shown=False, mark=1)
OVERWRITTEN = Known(f"{FOLDER}/a", '"a,0"', shown=False, mark=1)
NEVER = Known(untouched=True, mark=1)
ASK = None


@pytest.mark.parametrize(
    ("known", "files", "expected"),
    [
        (None, ["a"], ASK),
        (None, [], ASK),
        (SHOWN, ["a"], Sighting(True, '"a,1"')),
        (SHOWN, ["A"], Sighting(True, '"A,1"')),
        (SHOWN, [], ASK),
        (COVERED, ["a"], Sighting(False)),
        (OVERWRITTEN, ["a"], ASK),
        (NEVER, [], Sighting(False, untouched=True)),
        (NEVER, ["a"], Sighting(False, untouched=True)),
        (NEVER, ["a", "ada_contoso_example"], ASK),
        (NEVER, ["a", ADA], ASK),
        (NEVER, ["a", GRACE], Sighting(False, untouched=True)),
    ],
)
def test_a_listing_explains_what_it_can(known, files, expected):
    found = listing(*files)
    assert explain(ADA, known, found, Newcomers(found, [SHOWN])) == expected


def test_a_picture_older_than_the_answer_is_no_reason_to_ask_again():
    found = listing("a", ADA, "anybody")
    informed = Known(untouched=True, mark=found.highest)
    assert explain(ADA, informed, found, Newcomers(found, [SHOWN])) == Sighting(False, untouched=True)


async def test_what_is_remembered_lasts_and_nonsense_is_forgotten():
    memo = ForgetfulMemo()
    await memo.save({"person:x": "nonsense", "person:y": "[1]", "other": "kept"})
    memory = Memory(memo)
    assert await memory.all() == {}
    await memory.save({ADA: SHOWN, GRACE: NEVER})
    await memory.save({GRACE: None})
    assert await Memory(memo).all() == {ADA: SHOWN}
    assert (await memo.load())["other"] == "kept"


async def test_nothing_new_is_not_saved():
    class Counting(ForgetfulMemo):
        saves = 0

        async def save(self, values):
            self.saves += 1
            await super().save(values)

    memo = Counting()
    memory = Memory(memo)
    await memory.save({ADA: SHOWN})
    await memory.save({ADA: SHOWN})
    assert memo.saves == 1


APPLICATION = {"tenant": "contoso.example", "client_id": "app", "certificate": "file:app.pem"}


def test_the_other_hosts_follow_from_the_site():
    options = SharePointOptions(**APPLICATION, site="https://contoso.sharepoint.com/")
    assert options.site == "https://contoso.sharepoint.com"
    assert options.my_site == "https://contoso-my.sharepoint.com"
    assert options.admin_site == "https://contoso-admin.sharepoint.com"


def test_elsewhere_the_other_hosts_have_to_be_named():
    with pytest.raises(ValidationError, match="my_site"):
        SharePointOptions(**APPLICATION, site="https://sharepoint.contoso.example")


def test_a_client_secret_alone_is_refused_offline():
    with pytest.raises(ValidationError, match="set `certificate`"):
        SharePointOptions(tenant="t", client_id="c", client_secret="env:SECRET", site="https://contoso.sharepoint.com")
