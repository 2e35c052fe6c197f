"""The task of carrying out what administrators ordered."""

from __future__ import annotations

from samepic.engine.ordering import Post, carry_out_orders
from samepic.store.ledger import Due
from samepic.work.everybody import call
from samepic.work.workshop import Again, Workshop


async def orders(shop: Workshop, due: Due) -> Again | None:  # noqa: ARG001 -- every task is given what is due
    """Whatever was ordered meanwhile is due by itself."""
    portal = shop.settings.portal
    mail = None if shop.mail is None else Post(shop.mail, portal.start, portal.helpdesk, portal.address)
    await carry_out_orders(shop.org, lambda: call(shop), mail)
    return None
