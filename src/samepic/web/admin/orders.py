"""Giving orders: what takes longer than a page is done by the work beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from samepic.store.orders import What
from samepic.web.ask import Ask


async def give(ask: Ask, what: What, asked: Mapping[str, Any]) -> int:
    """The order's number."""
    number = await ask.site.org.ledger.give_order(what, asked, ask.who.label, ask.site.clock())
    await ask.site.work.orders()
    return number
