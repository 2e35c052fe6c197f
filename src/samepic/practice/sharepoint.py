"""SharePoint's REST interface, on each of its three hosts: who may call, the form digest, the people manager.

The library is in `library.py`, batches in `multipart.py`, sites and their users in `web.py`. Decided here because the
documentation leaves it open:

* guests, rooms and shared mailboxes have no profile; one that does not exist is null when read and "User Profile Error
  1000" when written;
* the values of a property of several are shown with a bar between them;
* a picture that a person uploads themselves turns the fetching from Exchange off (SPS-PictureExchangeSyncState 0), or
  the next visit would undo it; where people without a mailbox are shown the shared picture, theirs is refused.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from samepic.practice import profiles
from samepic.practice.library import UserPhotos
from samepic.practice.multipart import batched, of_this_host
from samepic.practice.odata import Call, Entity, Scalar, SharePointError, Value, calls, json_object, shape_wanted, shown
from samepic.practice.origins import Origins, audiences
from samepic.practice.people import Person, stable_uuid
from samepic.practice.pictures import NotAPicture, inspect
from samepic.practice.tokens import CERTIFICATE, BadToken, Caller, Tokens
from samepic.practice.web import Web
from samepic.practice.wire import Answer, Ask, Face
from samepic.practice.world import World

DIGEST_LIFE = timedelta(seconds=1800)
_MANAGER = "sp.userprofiles.peoplemanager"
_READ_PROFILES = ("User.Read.All", "User.ReadWrite.All", "Sites.FullControl.All")
_LARGEST = 5_000_000
_TAKEN = frozenset({"image/bmp", "image/jpeg", "image/png"})
_SAFE = frozenset({"GET", "HEAD"})


class SharePoint:
    """`/_api` at one host. `cookie` tells whom a browser's cookie stands for, None where there is none.

    `counting` is told of every part of a batch.
    """

    def __init__(
        self, world: World, tokens: Tokens, origins: Origins, face: str, counting: Callable[[Face], Face]
    ) -> None:
        self._world = world
        self._counting = counting
        self._tokens = tokens
        self._face = face
        self._my = origins.sharepoint_my
        self._homes = audiences(origins, "sharepoint_my")
        self._audiences = audiences(origins, face)
        self._base = f"{origins.faces()[face]}/_api/"
        self._photos = UserPhotos(world, self._base) if face == "sharepoint_my" else None
        self._web = Web(world, face, origins.faces()[face])

    def answer(self, ask: Ask, cookie: Person | None = None) -> Answer:
        shape = shape_wanted(ask)
        try:
            caller = self.caller(ask, cookie)
            chain = calls(ask.path[len("/_api") :], ask.query)
            self._check_digest(ask, chain, by_cookie=ask.bearer is None)
            if chain[0].name == "$batch" and ask.method == "POST":
                return batched(ask, self._counting(of_this_host(ask, lambda part: self._part(part, caller))))
            value = self._routed(ask, caller, chain)
        except SharePointError as error:
            return error.answer(shape)
        return value if isinstance(value, Answer) else shown(value, shape, self._base)

    def _part(self, ask: Ask, caller: Caller) -> Answer:
        """One request of a batch: with the batch's credentials, which were checked, and its digest."""
        shape = shape_wanted(ask)
        try:
            value = self._routed(ask, caller, calls(ask.path.removeprefix("/_api"), ask.query))
        except SharePointError as error:
            return error.answer(shape)
        return value if isinstance(value, Answer) else shown(value, shape, self._base)

    def caller(self, ask: Ask, cookie: Person | None) -> Caller:
        """Raises SharePointError. An application on its own has to prove itself with a certificate, as in the cloud."""
        if ask.bearer is None and cookie is not None:
            return Caller("", cookie.id, frozenset({"allsites.read", "user.read"}), "0")
        try:
            caller = self._tokens.check(ask.bearer or "", self._audiences)
        except BadToken as why:
            raise _unauthorized(str(why)) from None
        if caller.app_only and caller.proof != CERTIFICATE:
            raise _unauthorized("Unsupported app only token.")
        return caller

    def _check_digest(self, ask: Ask, chain: tuple[Call, ...], *, by_cookie: bool) -> None:
        """Whoever comes with a cookie has to send it with every change; a bearer's is checked if it is there."""
        digest = ask.headers.get("x-requestdigest")
        if ask.method in _SAFE or chain[0].name == "contextinfo" or (digest is None and not by_cookie):
            return
        try:
            self._tokens.unseal(f"digest/{self._face}", (digest or "").partition(",")[0])
        except BadToken:
            message = (
                "The security validation for this page is invalid."
                " Click Back in your Web browser, refresh the page, and try your operation again."
            )
            raise SharePointError(
                HTTPStatus.FORBIDDEN, "-2130575252, Microsoft.SharePoint.SPException", message
            ) from None

    def _routed(self, ask: Ask, caller: Caller, chain: tuple[Call, ...]) -> Value | Answer:
        if chain[0].name == "contextinfo" and ask.method == "POST":
            return self._context()
        if chain[0].name == _MANAGER and len(chain) > 1:
            chosen = _FUNCTIONS.get((ask.method, chain[1].name))
            if chosen:
                return chosen(self, ask, caller, chain[1])
        if chain[0].name == "web":
            return self._below_web(ask, caller, chain[1:])
        message = f"Cannot find resource for the request {chain[-1].name}."
        raise SharePointError(
            HTTPStatus.NOT_FOUND, "-1, Microsoft.SharePoint.Client.ResourceNotFoundException", message
        )

    def _below_web(self, ask: Ask, caller: Caller, chain: tuple[Call, ...]) -> Value | Answer:
        found = self._web.routed(ask, caller, chain)
        if found is not None:
            return found
        if self._photos is None:
            raise SharePointError(HTTPStatus.NOT_FOUND, _FILE_NOT_FOUND, "File Not Found.")
        return self._photos.routed(ask, caller, chain)

    def _context(self) -> Entity:
        digest = self._tokens.seal(f"digest/{self._face}", {"id": str(uuid.uuid4())}, DIGEST_LIFE)
        site = self._base.removesuffix("/_api/")
        properties = {
            "FormDigestTimeoutSeconds": int(DIGEST_LIFE.total_seconds()),
            "FormDigestValue": f"{digest},{self._world.machine():%d %b %Y %H:%M:%S} -0000",
            "LibraryVersion": "16.0.0.0",
            "SiteFullUrl": site,
            "WebFullUrl": site,
        }
        return Entity("SP.ContextWebInformation", "contextinfo", properties, function="GetContextWebInformation")

    def properties_for(self, ask: Ask, caller: Caller, call: Call) -> Value:
        person = self._named(call.argument("accountName"))
        self._may_read(caller, person)
        return self._shown(person) or Scalar("GetPropertiesFor", None)

    def my_properties(self, ask: Ask, caller: Caller, call: Call) -> Value:
        if caller.person is None:
            raise _access_denied()
        return self._shown(self._world.people.find(caller.person)) or Scalar("GetMyProperties", None)

    def property_for(self, ask: Ask, caller: Caller, call: Call) -> Value:
        """The property's name is case-sensitive, as observed."""
        person = self._named(call.argument("accountName"))
        self._may_read(caller, person)
        properties = self._properties(person) if person else None
        return Scalar("GetUserProfilePropertyFor", (properties or {}).get(call.argument("propertyName", 1) or ""))

    def set_property(self, ask: Ask, caller: Caller, call: Call) -> Value:
        """Only the admin host takes it, from an application that may write people."""
        given = self._writing(ask, caller)
        self._write(given, given.get("propertyValue"))
        return Scalar("SetSingleValueProfileProperty", None)

    def set_properties(self, ask: Ask, caller: Caller, call: Call) -> Value:
        given = self._writing(ask, caller)
        values = given.get("propertyValues")
        if isinstance(values, dict):
            values = values.get("results")
        texts = isinstance(values, list) and all(isinstance(value, str) for value in values)
        self._write(given, "|".join(values) if isinstance(values, list) and texts else None)
        return Scalar("SetMultiValuedProfileProperty", None)

    def _writing(self, ask: Ask, caller: Caller) -> dict[str, Any]:
        if self._face != "sharepoint_admin" or not (caller.app_only and caller.may("User.ReadWrite.All")):
            raise _access_denied()
        return json_object(ask.body)

    def _write(self, given: dict[str, Any], value: object) -> None:
        account, name = given.get("accountName"), given.get("propertyName")
        person = self._named(account if isinstance(account, str) else None)
        if person is None or self._world.profile(person) is None:
            raise _no_profile()
        if not isinstance(name, str) or not isinstance(value, str):
            code = "-1, Microsoft.SharePoint.Client.InvalidClientQueryException"
            raise SharePointError(HTTPStatus.BAD_REQUEST, code, "A node of type 'PrimitiveValue' was expected.")
        self._world.set_profile(person, {name: self._from_home(value)})

    def set_my_picture(self, ask: Ask, caller: Caller, call: Call) -> Value:
        """The picture is the body, whatever its type is declared to be."""
        person = self._world.people.find(caller.person) if caller.person else None
        if person is None or (self._world.shared_display and not person.mailbox):
            raise _access_denied()
        if self._world.profile(person) is None:
            raise _no_profile()
        _check_picture(ask.body)
        source = self._world.keep_upload(ask.body)
        self._world.show_in_sharepoint(person, source, self._world.now(), exchange_sync="0")
        return Scalar("SetMyProfilePicture", None)

    def _named(self, account: str | None) -> Person | None:
        if not account:
            code = "-2147024809, System.ArgumentException"
            raise SharePointError(HTTPStatus.BAD_REQUEST, code, "The argument accountName is missing.")
        return self._world.people.find(profiles.upn_of(account))

    def _may_read(self, caller: Caller, person: Person | None) -> None:
        own = person is not None and caller.person == person.id
        if not own and not (caller.app_only and caller.may(*_READ_PROFILES)):
            raise _access_denied()

    def _properties(self, person: Person) -> dict[str, str] | None:
        """Every value is a text."""
        held = self._world.profile(person)
        if held is None:
            return None
        return {
            "UserProfile_GUID": stable_uuid(person.id, "profile"),
            "AccountName": profiles.account_name(person),
            "FirstName": person.given,
            "LastName": person.surname,
            "PreferredName": person.name,
            "WorkEmail": person.mail or "",
            "UserName": person.upn,
            "SPS-UserPrincipalName": person.upn,
            "msOnline-ObjectId": person.id,
        } | {name: self._at_home(value) for name, value in held.items()}

    def _from_home(self, value: str) -> str:
        """How an address at the My Site host is kept, by whichever of its names it was written."""
        home = next((name for name in self._homes if value.startswith(f"{name}/")), None)
        return profiles.MY + value.removeprefix(home) if home else value

    def _at_home(self, value: str) -> str:
        return self._my + value.removeprefix(profiles.MY) if value.startswith(profiles.MY) else value

    def _shown(self, person: Person | None) -> Entity | None:
        properties = self._properties(person) if person else None
        if person is None or properties is None:
            return None
        listed = [{"Key": key, "Value": value, "ValueType": "Edm.String"} for key, value in properties.items()]
        every = {
            "AccountName": properties["AccountName"],
            "DisplayName": person.name,
            "Email": person.mail,
            "IsFollowed": False,
            "PersonalSiteHostUrl": f"{self._my}/",
            "PictureUrl": _picture_url(properties),
            "UserProfileProperties": listed,
        }
        return Entity("SP.UserProfiles.PersonProperties", "SP.UserProfiles.PersonProperties", every)


def _check_picture(data: bytes) -> None:
    try:
        allowed = inspect(data).media_type in _TAKEN
    except NotAPicture:
        allowed = False
    if not allowed or len(data) > _LARGEST:
        message = f"A picture is a BMP, JPEG or PNG of at most {_LARGEST:,} bytes."
        raise SharePointError(HTTPStatus.BAD_REQUEST, "-2147024809, System.ArgumentException", message)


def _no_profile() -> SharePointError:
    message = "User Profile Error 1000: User Not Found: Could not load profile data from the database."
    code = "-1, Microsoft.Office.Server.UserProfiles.UserNotFoundException"
    return SharePointError(HTTPStatus.INTERNAL_SERVER_ERROR, code, message)


def _picture_url(properties: dict[str, str]) -> str | None:
    """Null while the placeholder is shown, even if a picture's address is kept (observed)."""
    if not properties[profiles.PICTURE] or properties[profiles.PLACEHOLDER] == "1":
        return None
    stamp = properties[profiles.TIMESTAMP]
    return properties[profiles.PICTURE] + (f"?t={stamp}" if stamp else "")


_FILE_NOT_FOUND = "-2147024894, System.IO.FileNotFoundException"


def _unauthorized(reason: str) -> SharePointError:
    return SharePointError(HTTPStatus.UNAUTHORIZED, "-2147024891, System.UnauthorizedAccessException", reason)


def _access_denied() -> SharePointError:
    message = "Access denied. You do not have permission to perform this action or access this resource."
    return SharePointError(HTTPStatus.FORBIDDEN, "-2147024891, System.UnauthorizedAccessException", message)


Function = Callable[[SharePoint, Ask, Caller, Call], Value]
_FUNCTIONS: dict[tuple[str, str], Function] = {
    ("GET", "getpropertiesfor"): SharePoint.properties_for,
    ("POST", "getpropertiesfor"): SharePoint.properties_for,
    ("GET", "getmyproperties"): SharePoint.my_properties,
    ("POST", "getmyproperties"): SharePoint.my_properties,
    ("GET", "getuserprofilepropertyfor"): SharePoint.property_for,
    ("POST", "getuserprofilepropertyfor"): SharePoint.property_for,
    ("POST", "setsinglevalueprofileproperty"): SharePoint.set_property,
    ("POST", "setmultivaluedprofileproperty"): SharePoint.set_properties,
    ("POST", "setmyprofilepicture"): SharePoint.set_my_picture,
}
