"""The composition root: settings in, a working organisation out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pydantic import ValidationError

from samepic.connectors.base import Connector, Memo, Surroundings
from samepic.connectors.layers import stacked
from samepic.connectors.registry import load as load_connector
from samepic.connectors.shared import Shared
from samepic.engine.belonging import members_now
from samepic.engine.guard import Brakes
from samepic.engine.organisation import Organisation, Tell
from samepic.engine.reading import Roll
from samepic.engine.rules import Rules, fits
from samepic.errors import Gone, NoSuchPerson, SettingsError, UserError
from samepic.imaging.intake import Intake
from samepic.mail import MailServer
from samepic.model import PersonId, group_in
from samepic.settings import Settings, mistakes
from samepic.store.blobs import Blobs
from samepic.store.database import Database
from samepic.store.ledger import Ledger
from samepic.store.memos import StoredMemo
from samepic.store.people import People
from samepic.work import Work


def utc_now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def open_organisation(
    settings: Settings,
    *,
    read_only: bool = False,
    clock: Callable[[], datetime] = utc_now,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    progress: Tell | None = None,
) -> AsyncIterator[Organisation]:
    """Opens the store, the imaging children and every system. With `read_only` no system can be written to.

    `sleep` is how a connector waits before it tries again, `progress` hears how far long work has come.
    Raises SettingsError and StoreError; a system that cannot be reached shows itself only when it is used.
    """
    async with AsyncExitStack() as stack:
        database = await Database.open(settings.store_folder, patience=settings.store_patience)
        stack.push_async_callback(database.close)
        systems: dict[str, Connector] = {}
        shared = Shared()
        for name in settings.systems:
            memo = StoredMemo(database, name)
            around = replace(surroundings(settings, memo, clock), sleep=sleep, reads_only=read_only, shared=shared)
            connector = build_connector(settings, name, around)
            await stack.enter_async_context(connector)
            systems[name] = stacked(connector, reads_only=read_only)
        organisation = Organisation(
            systems=systems,
            routes=tuple(route.route() for route in settings.routes),
            people=People(database),
            ledger=Ledger(database),
            blobs=Blobs(settings.store_folder / "pictures"),
            intake=await stack.enter_async_context(Intake()),
            clock=clock,
            settings=settings.digest(),
            brakes=Brakes(**settings.brakes.model_dump()),
            rules=Rules([one.rule() for one in settings.rules]),
            originals=timedelta(days=settings.store.originals_days) or None,
        )
        yield organisation if progress is None else replace(organisation, progress=progress)


@asynccontextmanager
async def open_work(
    org: Organisation, settings: Settings, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> AsyncIterator[Work]:
    """What is due is done for as long as the block runs. Raises SettingsError where the mail password is missing."""
    mail = mail_server(settings) if settings.mail.host and settings.mail.sender else None
    work = Work(org, settings, mail=mail, sleep=sleep)
    running = asyncio.create_task(work.run())
    try:
        yield work
    finally:
        running.cancel()
        await asyncio.wait({running})
        if not running.cancelled():
            running.result()  # it never ends by itself; whoever serves has to know why it did


def surroundings(settings: Settings, memo: Memo, clock: Callable[[], datetime] = utc_now) -> Surroundings:
    """What the settings say about the world outside, for one system. Raises SettingsError."""
    network = settings.network
    user, _, password = settings.secret(network.proxy_login).partition(":")
    return Surroundings(
        memo=memo,
        clock=clock,
        patience=network.patience,
        ca=settings.ca_file,
        proxy=network.proxy or None,
        proxy_login=(user, password) if user else None,
    )


def mail_server(settings: Settings) -> MailServer:
    """From `[mail]`. Raises UserError where that is not complete."""
    mail = settings.mail
    if not (mail.host and mail.sender):
        raise UserError("There is no mail server in the settings.", "Set host and sender in [mail].")
    return MailServer(
        host=mail.host,
        sender=mail.sender,
        port=mail.port,
        encryption=mail.encryption,
        user=mail.user,
        password=settings.secret(mail.password),
        ca=settings.ca_file,
    )


def build_connector(settings: Settings, name: str, around: Surroundings) -> Connector:
    """The connector of one system. Raises SettingsError naming every wrong option."""
    kind = load_connector(settings.systems[name]["kind"])
    try:
        options = kind.options_type.model_validate(
            settings.system_table(name), context={"folder": settings.folder}, strict=False
        )
    except ValidationError as wrong:
        raise SettingsError(f"systems.{name}: {mistakes(wrong)}") from None
    return kind(name, options, around)


async def select(
    org: Organisation, roll: Roll, only: tuple[str, ...] = (), besides: tuple[str, ...] = ()
) -> list[PersonId]:
    """The people that `only` names (everybody where it is empty), without those that `besides` names.

    Each text is a name, an address, an id, a pattern with * and ?, or a group as `group:NAME`. Raises NoSuchPerson
    where a text finds nobody, and ConnectorError where a system cannot tell who is in a group.
    """
    chosen = await _all_matching(org, roll, only) if only else list(roll.persons)
    left_out = frozenset(await _all_matching(org, roll, besides))
    return [person for person in chosen if person not in left_out]


async def _all_matching(org: Organisation, roll: Roll, texts: tuple[str, ...]) -> list[PersonId]:
    found = [await matching(org, roll, text) for text in texts]
    return list(dict.fromkeys(person for one in found for person in one))


async def matching(org: Organisation, roll: Roll, text: str) -> list[PersonId]:
    """Everybody whom a text names. A group, `group:NAME`, is asked for now: rules need not name it."""
    if (group := group_in(text)) is not None:
        return await _gathered(org, roll, group)
    if "*" in text or "?" in text:
        found = [person for person in roll.persons if fits(roll.texts(person), text)]
    else:
        found = [person for person in await org.people.find(text) if person in roll.persons]
    if not found:
        raise NoSuchPerson(f"Nobody is called {text!r}.", "A name, an address, an id or a pattern such as *@x will do.")
    return found


async def _gathered(org: Organisation, roll: Roll, group: str) -> list[PersonId]:
    try:
        members = await members_now(org, group)
    except Gone as gone:
        raise NoSuchPerson(str(gone), "A group goes by its whole name or its id.") from None
    return [person for person, slots in roll.persons.items() if not members.isdisjoint(slots.values())]


async def the_one(org: Organisation, roll: Roll, text: str) -> PersonId:
    """The one person whom a text names. Raises NoSuchPerson, listing them, where there are several."""
    found = await matching(org, roll, text)
    if len(found) > 1:
        several = ", ".join(f"{roll.name(one)} <{roll.address(one) or one}>" for one in found[:5])
        more = f" and {len(found) - 5} more" if len(found) > 5 else ""  # noqa: PLR2004 -- as many as were listed
        raise NoSuchPerson(f"{text!r} fits {len(found)} people: {several}{more}.", "Use an address or an id.")
    return found[0]
