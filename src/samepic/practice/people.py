"""Who lives in the practice tenant: twelve people, each a case of its own, then as many generated ones as asked for.

Everything follows from (seed, index), so the same world can be made again anywhere; and names lead back to the index,
so that a world of a million people needs no table of them. Pure.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from dataclasses import dataclass
from enum import StrEnum

from samepic.model import Kind
from samepic.practice.origins import DOMAIN


class Case(StrEnum):
    """What is the matter with a person's pictures."""

    IN_SYNC = "in-sync"  # SharePoint shows what the mailbox holds
    NEVER_VISITED = "never-visited"  # a picture in the mailbox, SharePoint never fetched it
    STALE = "stale"  # the mailbox has a newer picture than the one SharePoint fetched
    ENTRA_ONLY = "entra-only"  # a mailbox without a picture; Entra has one
    NO_MAILBOX = "no-mailbox"  # no Exchange plan; Entra has a CMYK picture
    GUEST = "guest"  # from another tenant; Entra has a picture, SharePoint no profile
    BLOCKED = "blocked"  # may not sign in any more; the pictures stayed
    SHARED = "shared"  # a shared mailbox: no licence, a mailbox all the same, sign-in blocked
    ROOM = "room"  # as a shared mailbox, for a room
    NON_LATIN = "non-latin"  # in sync, with a name in another script
    TURNED = "turned"  # an EXIF-turned phone picture with GPS data in the mailbox and in SharePoint
    NONE = "none"  # no picture anywhere


@dataclass(frozen=True, slots=True)
class Synced:
    """What Entra Connect wrote about somebody whose account comes from an Active Directory; in Graph's spellings."""

    immutable_id: str | None = None
    sam_account_name: str | None = None
    security_identifier: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """One entry of the directory. `mailbox` says there is one, `exchange` that an Exchange plan is enabled.

    The two differ as in the cloud: shared and room mailboxes need no licence, so Graph shows no plan for them.
    """

    index: int
    id: str
    upn: str
    name: str
    given: str
    surname: str
    mail: str | None
    employee: str | None
    kind: Kind
    case: Case
    enabled: bool
    mailbox: bool
    exchange: bool
    synced: Synced | None = None

    @property
    def guest(self) -> bool:
        return self.kind is Kind.GUEST

    @property
    def has_profile(self) -> bool:
        """SharePoint imports people; accounts blocked from birth and guests never get there."""
        return self.kind is Kind.PERSON


@dataclass(frozen=True, slots=True)
class _Name:
    given: str
    surname: str
    login: str


_FIRST: tuple[tuple[Case, _Name], ...] = (
    (Case.IN_SYNC, _Name("Ada", "Okafor", "ada.okafor")),
    (Case.NEVER_VISITED, _Name("Bruno", "Almeida", "bruno.almeida")),
    (Case.STALE, _Name("Chiara", "Conti", "chiara.conti")),
    (Case.ENTRA_ONLY, _Name("Deepa", "Raman", "deepa.raman")),
    (Case.NO_MAILBOX, _Name("Elias", "Lindqvist", "elias.lindqvist")),
    (Case.GUEST, _Name("Fatima", "Bennani", "fatima.bennani")),
    (Case.BLOCKED, _Name("Gustavo", "Herrera", "gustavo.herrera")),
    (Case.SHARED, _Name("Help", "Desk", "help.desk")),
    (Case.ROOM, _Name("Room", "Harbour", "room.harbour")),
    (Case.NON_LATIN, _Name("春香", "佐藤", "haruka.sato")),
    (Case.TURNED, _Name("Isla", "MacLeod", "isla.macleod")),
    (Case.NONE, _Name("Jonas", "Nguyen", "jonas.nguyen")),
)

_SHARES: tuple[tuple[Case, int], ...] = (  # of a hundred generated people; a guess at an ordinary organisation
    (Case.IN_SYNC, 52),
    (Case.STALE, 12),
    (Case.NEVER_VISITED, 12),
    (Case.NONE, 8),
    (Case.NON_LATIN, 4),
    (Case.GUEST, 3),
    (Case.ENTRA_ONLY, 3),
    (Case.NO_MAILBOX, 2),
    (Case.BLOCKED, 1),
    (Case.SHARED, 1),
    (Case.ROOM, 1),
    (Case.TURNED, 1),
)
_DRAWN = tuple(case for case, share in _SHARES for _ in range(share))

# fmt: off
_GIVEN = (
    "Aaliyah", "Amara", "Anton", "Beatriz", "Bilal", "Camila", "Chen", "Daniel", "Dilnoza", "Ebba", "Emeka", "Farah",
    "Felix", "Gabriela", "Hamid", "Hana", "Ingrid", "Ivan", "Jamila", "Joao", "Kenji", "Kwame", "Leila", "Lucas", "Mai",
    "Marta", "Mateo", "Nadia", "Niko", "Noor", "Olga", "Omar", "Priya", "Rafael", "Ravi", "Rosa", "Salma", "Samuel",
    "Sofia", "Tariq", "Thandi", "Tomas", "Uma", "Viktor", "Wei", "Yara", "Yusuf", "Zofia", "Zoe", "Aroha", "Keanu",
    "Lupe",
)
_SURNAMES = (
    "Abebe", "Adeyemi", "Ahmed", "Andersen", "Araujo", "Bakker", "Banerjee", "Bauer", "Castillo", "Choi", "Cohen",
    "Costa", "Diallo", "Dubois", "Eze", "Fernandes", "Garcia", "Gupta", "Haddad", "Hansen", "Hughes", "Ibrahim",
    "Ivanova", "Jansen", "Jones", "Kaplan", "Khan", "Kim", "Kowalska", "Kumar", "Larsen", "Lee", "Lopez", "Mbeki",
    "Mendes", "Moreau", "Mwangi", "Nakamura", "Novak", "Okoye", "Olsen", "Park", "Patel", "Pereira", "Petrov", "Reyes",
    "Rossi", "Santos", "Schmidt", "Silva", "Singh", "Smith", "Sow", "Suzuki", "Tamm", "Tanaka", "Tran", "Usman",
    "Vargas", "Virtanen", "Wang", "Yilmaz",
)
# fmt: on
_OTHER_SCRIPTS = (
    _Name("Юлия", "Соколова", "yulia.sokolova"),
    _Name("Ελένη", "Παπαδοπούλου", "eleni.papadopoulou"),
    _Name("ليلى", "حداد", "layla.haddad"),
    _Name("美玲", "王", "meiling.wang"),
    _Name("अनन्या", "शर्मा", "ananya.sharma"),
)


_HEADS = 2**32
_STRIDE = 2_654_435_761  # odd, so that every index has a head of its own
_BACK = pow(_STRIDE, -1, _HEADS)
_OBJECT_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_ELSEWHERE = "fabrikam.example"
_LOGIN = re.compile(rf"\D+(\d{{1,9}})(?:_{re.escape(_ELSEWHERE)}#ext#)?@{re.escape(DOMAIN)}")
_MANGLED = re.compile(rf"\D+(\d{{1,9}})_{DOMAIN.replace('.', '_')}")


def _offset(seed: int) -> int:
    return int.from_bytes(_noise(seed, "object ids")[:4])


def stable_uuid(*parts: object) -> str:
    """The same parts, the same identifier; shaped like version 4 because clients check for that."""
    return str(uuid.UUID(bytes=_noise(*parts)[:16], version=4))


def password_of(seed: int, index: int) -> str:
    return f"Practice-{_noise(seed, index, 'password').hex()[:8]}"


def introduction(seed: int, person: Person) -> dict[str, str]:
    """What whoever plays with the world has to know of a person, their password included."""
    return {
        "id": person.id,
        "upn": person.upn,
        "name": person.name,
        "password": password_of(seed, person.index),
        "kind": person.kind,
        "case": person.case,
    }


def object_id(seed: int, index: int) -> str:
    """Looks random, but its first 32 bits give the index back to whoever knows the seed."""
    head = (index * _STRIDE + _offset(seed)) % _HEADS
    return str(uuid.UUID(bytes=head.to_bytes(4) + _noise(seed, index, "person")[4:16], version=4))


def index_of(seed: int, name: str) -> int | None:
    """The only index an object id or a UPN can belong to; whether it does is for the caller to check."""
    wanted = name.casefold()
    if _OBJECT_ID.fullmatch(wanted):
        return (int(wanted[:8], 16) - _offset(seed)) * _BACK % _HEADS
    found = _LOGIN.fullmatch(wanted)
    return int(found[1]) if found else _FIRST_UPNS.get(wanted)


def index_of_mangled(seed: int, text: str) -> int | None:
    """As `index_of`, for an object id or a UPN as `mangled` leaves it."""
    found = _MANGLED.fullmatch(text.casefold())
    return int(found[1]) if found else index_of(seed, text)


def mangled(upn: str) -> str:
    """A UPN as PnP's uploader names files by it (Core.ProfilePictureUploader)."""
    return upn.replace("@", "_").replace(".", "_")


def case_at(seed: int, index: int) -> Case:
    """As `person_at(...).case`, at a third of the price."""
    return _FIRST[index][0] if index < len(_FIRST) else _drawn(_noise(seed, index, "name"))


def newcomer_at(seed: int, index: int) -> Person:
    """Somebody who joined after the world began, with a mailbox and no picture."""
    noise = _noise(seed, index, "name")
    return _person(seed, index, Case.NONE, _ordinary(noise, index))


def person_at(seed: int, index: int) -> Person:
    """The person of that index as the world begins."""
    case, name = _FIRST[index] if index < len(_FIRST) else _generated(seed, index)
    return _person(seed, index, case, name)


def _person(seed: int, index: int, case: Case, name: _Name) -> Person:
    kind = {Case.GUEST: Kind.GUEST, Case.SHARED: Kind.SHARED, Case.ROOM: Kind.ROOM}.get(case, Kind.PERSON)
    mail = f"{name.login}@{_ELSEWHERE if kind is Kind.GUEST else DOMAIN}"
    return Person(
        index=index,
        id=object_id(seed, index),
        upn=_upn(case, name),
        name=" ".join(_in_order(name)),
        given=name.given,
        surname=name.surname,
        mail=None if case is Case.NO_MAILBOX else mail,
        employee=f"E{1000 + index}" if kind is Kind.PERSON else None,
        kind=kind,
        case=case,
        enabled=case not in {Case.BLOCKED, Case.SHARED, Case.ROOM},
        mailbox=case not in {Case.NO_MAILBOX, Case.GUEST},
        exchange=kind is Kind.PERSON and case is not Case.NO_MAILBOX,
    )


def _upn(case: Case, name: _Name) -> str:
    return f"{name.login}_{_ELSEWHERE}#EXT#@{DOMAIN}" if case is Case.GUEST else f"{name.login}@{DOMAIN}"


_FIRST_UPNS = {_upn(case, name).casefold(): index for index, (case, name) in enumerate(_FIRST)}


def _generated(seed: int, index: int) -> tuple[Case, _Name]:
    noise = _noise(seed, index, "name")
    case = _drawn(noise)
    if case is Case.NON_LATIN:
        other = _OTHER_SCRIPTS[noise[4] % len(_OTHER_SCRIPTS)]
        return case, _Name(other.given, other.surname, f"{other.login}{index}")
    if case is Case.ROOM:
        return case, _Name("Room", str(index), f"room{index}")
    if case is Case.SHARED:
        return case, _Name("Team", str(index), f"team{index}")
    return case, _ordinary(noise, index)


def _drawn(noise: bytes) -> Case:
    return _DRAWN[int.from_bytes(noise[:4]) % len(_DRAWN)]


def _ordinary(noise: bytes, index: int) -> _Name:
    given, surname = _GIVEN[noise[4] % len(_GIVEN)], _SURNAMES[noise[5] % len(_SURNAMES)]
    return _Name(given, surname, f"{given}.{surname}{index}".casefold())


def _in_order(name: _Name) -> tuple[str, str]:
    """Chinese and Japanese names lead with the surname."""
    cjk = any("一" <= letter <= "鿿" for letter in name.surname)
    return (name.surname, name.given) if cjk else (name.given, name.surname)


def _noise(*parts: object) -> bytes:
    return hashlib.sha256("/".join(map(str, parts)).encode()).digest()
