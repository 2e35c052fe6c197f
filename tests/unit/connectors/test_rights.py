"""What a token says an application may do."""

import base64
import json

import pytest

from samepic.connectors.rights import GRAPH_RIGHTS, SHAREPOINT_RIGHTS, report, roles_in
from samepic.model import Level


def test_rights_are_read_from_a_token_that_shows_them():
    claims = base64.urlsafe_b64encode(json.dumps({"roles": ["ProfilePhoto.ReadWrite.All"]}).encode()).decode()
    assert roles_in(f"e30.{claims.rstrip('=')}.sig") == {"ProfilePhoto.ReadWrite.All"}
    assert roles_in("opaque") is None
    assert roles_in("a.b.c") is None


@pytest.mark.parametrize(
    ("roles", "level"),
    [
        (frozenset({"ProfilePhoto.ReadWrite.All"}), Level.GOOD),
        (frozenset({"User.ReadWrite.All"}), Level.GOOD),
        (frozenset({"User.Read.All"}), Level.WARNING),
        (frozenset(), Level.WARNING),
        (None, Level.WARNING),
    ],
)
def test_a_missing_right_is_reported(roles, level):
    assert [finding.level for finding in report(roles, GRAPH_RIGHTS)] == [level]


@pytest.mark.parametrize(
    ("roles", "missing"),
    [
        ({"Sites.FullControl.All", "User.ReadWrite.All"}, []),
        ({"Sites.FullControl.All"}, ["change profiles"]),
        ({"Sites.Read.All", "User.Read.All"}, ["change files", "change profiles"]),
        ({"User.ReadWrite.All"}, ["read files", "change files"]),
        (set(), ["read profiles", "read files", "change files", "change profiles"]),
    ],
)
def test_every_missing_right_is_named_with_what_to_grant(roles, missing):
    found = report(frozenset(roles), SHAREPOINT_RIGHTS)
    assert [one.message for one in found if one.level is not Level.GOOD] == [
        f"The application may not {one}." for one in missing
    ]
    assert all(one.remedy.startswith("Grant SharePoint's ") for one in found if one.level is not Level.GOOD)
    assert not missing or Level.GOOD not in {one.level for one in found}
