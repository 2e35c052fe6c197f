"""Commands about who is who: what matching found, and deciding by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Any

from cyclopts import Parameter

from samepic.cli.app import LOOK, MOVE, Common, Desk, Scope, app, desk
from samepic.cli.looking import Flag, require_file, write_lines
from samepic.engine.linking import link, unlink
from samepic.engine.matching import BY_HAND, NEW
from samepic.engine.reasons import sentence
from samepic.engine.whereabouts import Pair, Row, Seat, pairs, seating
from samepic.model import Slot
from samepic.services import the_one

ACTOR = "command line"

WORDS = {NEW: "first", BY_HAND: "by hand"}
"""How an account came to its person, where that is not the kind of key that both have."""


@app.command(name="matching", group=LOOK)
async def matching_command(
    *,
    missing: Flag = False,
    held: Flag = False,
    csv: Annotated[str | None, Parameter(allow_leading_hyphen=True)] = None,
    scope: Scope | None = None,
    common: Common | None = None,
) -> int:
    """Who is where, by what each account was matched, who is missing, and what could not be told.

    Parameters
    ----------
    missing
        Only people who have no account in some system.
    held
        Only accounts of which it is not certain whose they are.
    csv
        Write a line for every account, and for every one that is missing, to this file, or to standard output for `-`.

    """
    require_file(csv)
    async with desk(common) as at:
        systems = list(at.org.systems)
        rows = await _rows(at, scope or Scope())
        beside = pairs(rows, systems)
        if missing or held:
            rows = [row for row in rows if (missing and row.missing(systems)) or (held and row.held)]
        if csv is not None:
            write_lines(_lines(rows, systems), csv)
        if csv != "-":
            _show(at, rows, beside)
            at.screen.json(_json(rows, beside, systems))
        return at.code


async def _rows(at: Desk, scope: Scope) -> list[Row]:
    rows = await seating(at.org, at.roll)
    if scope == Scope():
        return rows
    people = set(await at.people(scope))
    return [row for row in rows if row.person in people]


def _show(at: Desk, rows: Sequence[Row], beside: Sequence[Pair]) -> None:
    systems = list(at.org.systems)
    at.screen.table(["person", "kind", *systems], [_cells(row, systems) for row in rows])
    for pair in beside:
        at.screen.styled(_compared(pair), "dim")
    doubtful = [[str(seat.slot), row.name, sentence(seat.held)] for row in rows for seat in row.held if seat.held]
    if doubtful:
        at.screen.table(["held", "name", "why"], doubtful)
        at.screen.note("Whose an account is can be said: samepic link PERSON SYSTEM REF, or samepic unlink SYSTEM REF.")


def _cells(row: Row, systems: Iterable[str]) -> list[str]:
    return [row.name, row.kind, *(_cell(row.seats.get(system, ())) for system in systems)]


def _cell(seats: Sequence[Seat]) -> str:
    return ", ".join("held" if seat.held else WORDS.get(seat.linked_by, seat.linked_by) for seat in seats) or "-"


def _compared(pair: Pair) -> str:
    both, one, other = (len(rows) for rows in (pair.both, pair.only_one, pair.only_other))
    return f"{pair.one} and {pair.other}: {both} in both, {one} only in {pair.one}, {other} only in {pair.other}"


COLUMNS = ("person", "name", "kind", "system", "ref", "address", "state", "matched by", "why")


def _lines(rows: Iterable[Row], systems: Sequence[str]) -> Iterator[Sequence[str]]:
    yield COLUMNS
    for row in rows:
        who = (row.person or "", row.name, row.kind)
        for seat in (seat for seats in row.seats.values() for seat in seats):
            yield (*who, seat.slot.system, seat.slot.ref, seat.account.address or "", *_state(seat))
        for system in row.missing(systems):
            yield (*who, system, "", "", "missing", "", "")


def _state(seat: Seat) -> tuple[str, str, str]:
    matched_by = WORDS.get(seat.linked_by, seat.linked_by)
    return ("held", matched_by, sentence(seat.held)) if seat.held else ("there", matched_by, "")


def _json(rows: Sequence[Row], beside: Sequence[Pair], systems: Sequence[str]) -> dict[str, Any]:
    return {
        "people": [
            {
                "person": row.person,
                "name": row.name,
                "kind": row.kind,
                "accounts": [_seat_json(seat) for seats in row.seats.values() for seat in seats],
                "missing": row.missing(systems),
            }
            for row in rows
        ],
        "pairs": [
            {
                "systems": [pair.one, pair.other],
                "both": len(pair.both),
                "only": {pair.one: _people(pair.only_one), pair.other: _people(pair.only_other)},
            }
            for pair in beside
        ],
    }


def _people(rows: Iterable[Row]) -> list[str | None]:
    return [row.person for row in rows]


def _seat_json(seat: Seat) -> dict[str, Any]:
    return {
        "system": seat.slot.system,
        "ref": seat.slot.ref,
        "keys": seat.account.keys,
        "matched_by": seat.linked_by or None,
        "held": sentence(seat.held) if seat.held else None,
    }


@app.command(name="link", group=MOVE)
async def link_command(person: str, system: str, ref: str, /, *, common: Common | None = None) -> int:
    """Say whose an account is. That wins over every key and stays, whatever is renamed.

    Parameters
    ----------
    person
        A name, an address or an id.
    system
        The system that the account is in.
    ref
        The account's ref, as `samepic matching --csv -` lists it.

    """
    async with desk(common) as at:
        who, slot = await the_one(at.org, at.roll, person), Slot(system, ref)
        await link(at.org, at.roll, who, slot, ACTOR)
        at.screen.say(f"{slot} is {at.roll.name(who)}'s.")
        at.screen.json({"person": who, "system": system, "ref": ref})
        return at.code


@app.command(name="unlink", group=MOVE)
async def unlink_command(system: str, ref: str, /, *, common: Common | None = None) -> int:
    """Say that an account is not theirs whom it was matched to. It stands alone until `link` says whose it is.

    Parameters
    ----------
    system
        The system that the account is in.
    ref
        The account's ref, as `samepic matching --csv -` lists it.

    """
    async with desk(common) as at:
        slot = Slot(system, ref)
        alone = await unlink(at.org, at.roll, slot, ACTOR)
        at.screen.say(f"{slot} stands alone now.")
        at.screen.json({"person": alone, "system": system, "ref": ref})
        return at.code
