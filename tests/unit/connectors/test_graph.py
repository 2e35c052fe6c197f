"""Which store a picture is in, as a table; and Graph's answers in all their documented forms."""

import json

import pytest

from samepic.connectors.answers import Answer
from samepic.connectors.evidence import Metadata, judge, metadata_from
from samepic.connectors.microsoft import EXCHANGE_FOUNDATION, user_from
from samepic.errors import Failed, Gone, Hidden
from samepic.model import Account, Kind, Sighting

NINE = Metadata((648, 648), '"N"')
OTHER = Metadata((300, 400), '"O"')
SQUARE = Metadata((300, 300), '"S"')
NARROW = Metadata((648, 500), '"W"')
NONE = Sighting(False)


@pytest.mark.parametrize(
    ("store", "mailbox", "seen", "expected"),
    [
        ("exchange", True, NINE, Sighting(True, '"N"')),
        ("exchange", True, OTHER, NONE),
        ("exchange", True, SQUARE, NONE),
        ("exchange", True, NARROW, NONE),
        ("exchange", True, None, NONE),
        ("exchange", False, NINE, Hidden),
        ("exchange", False, OTHER, Gone),
        ("exchange", False, None, Gone),
        ("entra", True, NINE, Hidden),
        ("entra", True, OTHER, Sighting(True, '"O"')),
        ("entra", True, None, NONE),
        ("entra", False, NINE, Sighting(True, '"N"')),
        ("entra", False, OTHER, Sighting(True, '"O"')),
        ("entra", False, None, NONE),
    ],
)
def test_the_store_follows_from_the_evidence(store, mailbox, seen, expected):
    if isinstance(expected, Sighting):
        assert judge(store, seen, mailbox=mailbox) == expected
    else:
        with pytest.raises(expected):
            judge(store, seen, mailbox=mailbox)


def answer(status, body):
    return Answer(status, {}, json.dumps(body).encode())


def photo(identity, width=240, height=240, etag='"BA09D118"'):
    return answer(200, {"@odata.mediaEtag": etag, "id": identity, "width": width, "height": height})


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (photo("240x240"), Metadata((240, 240), '"BA09D118"')),
        (photo("240X240"), Metadata((240, 240), '"BA09D118"')),
        (photo("default", 96, 96), Metadata((96, 96), '"BA09D118"')),
        (photo("1x1", 1, 1, ""), None),
        (photo("1X1", 1, 1, ""), None),
        (answer(404, {"error": {"code": "ImageNotFound", "message": "..."}}), None),
        (answer(404, {"error": {"code": "ErrorItemNotFound", "message": "..."}}), None),
    ],
)
def test_a_picture_and_both_forms_of_none_are_understood(said, expected):
    assert metadata_from(said) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (answer(404, {"error": {"code": "Request_ResourceNotFound", "message": "..."}}), Gone),
        (Answer(404, {}, b"<html>not here</html>"), Failed),
        (answer(200, {"value": []}), Failed),
        (answer(200, [1]), Failed),
        (Answer(200, {}, b"<html>"), Failed),
    ],
)
def test_everything_else_is_not_none(said, expected):
    with pytest.raises(expected):
        metadata_from(said)


ADA = {
    "id": "6f0c",
    "displayName": "Ada Lovelace",
    "userPrincipalName": "Ada@Contoso.example",
    "mail": "ada.lovelace@contoso.example",
    "proxyAddresses": ["SMTP:ada.lovelace@contoso.example", "smtp:Countess@Contoso.example", "X500:/o=x"],
    "employeeId": "E1",
    "userType": "Member",
    "accountEnabled": True,
    "assignedPlans": [
        {"service": "exchange", "capabilityStatus": "Enabled", "servicePlanId": "efb87545"},
        {"service": "SharePoint", "capabilityStatus": "Enabled", "servicePlanId": "5dbe027f"},
    ],
}


SYNCED = ADA | {
    "onPremisesImmutableId": "MBwtb1uaHkyPNwobLD1OXw==",
    "onPremisesSecurityIdentifier": "S-1-5-21-1-2-3-1104",
}


def test_a_user_becomes_an_account_with_all_its_keys():
    user = user_from(ADA)
    keys = {
        "id:6f0c",
        "employee:e1",
        "upn:ada@contoso.example",
        "mail:ada.lovelace@contoso.example",
        "alias:ada.lovelace@contoso.example",
        "alias:countess@contoso.example",
    }
    assert user.account == Account("6f0c", frozenset(keys), Kind.PERSON, "Ada Lovelace", "ada.lovelace@contoso.example")
    assert (user.upn, user.exchange, user.sharepoint) == ("Ada@Contoso.example", True, True)


def test_a_synced_user_is_anchored_in_the_spelling_of_the_domain():
    account = user_from(SYNCED).account
    assert {one for one in account.keys if one.startswith("anchor:")} == {
        "anchor:6f2d1c30-9a5b-4c1e-8f37-0a1b2c3d4e5f",
        "anchor:s-1-5-21-1-2-3-1104",
    }


@pytest.mark.parametrize("anchor", [None, "", "E1", "ada@contoso.example", "MDEyMw==", "not base64!"])
def test_an_anchor_of_another_kind_is_no_key(anchor):
    account = user_from(ADA | {"onPremisesImmutableId": anchor}).account
    assert not any(one.startswith("anchor:") for one in account.keys)


def test_a_bare_user_is_an_account_too():
    user = user_from({"id": "1", "userPrincipalName": "x#EXT#@contoso.example", "userType": "guest", "mail": None})
    assert user.account.kind is Kind.GUEST
    assert user.account.address is None
    assert user.account.active
    assert (user.exchange, user.sharepoint) == (False, False)


def test_blocked_sign_in_is_inactive():
    assert not user_from(ADA | {"accountEnabled": False}).account.active


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        ({"service": "Exchange", "capabilityStatus": "enabled"}, True),
        ({"service": "exchange", "capabilityStatus": "Warning"}, True),
        ({"service": "exchange", "capabilityStatus": "Suspended"}, False),
        ({"service": "exchange", "capabilityStatus": "Deleted"}, False),
        ({"service": "exchange", "capabilityStatus": "Enabled", "servicePlanId": EXCHANGE_FOUNDATION}, False),
        ({"service": "TeamspaceAPI", "capabilityStatus": "Enabled"}, False),
    ],
)
def test_only_a_plan_in_force_with_a_mailbox_counts(plan, expected):
    assert user_from(ADA | {"assignedPlans": [plan]}).exchange is expected
