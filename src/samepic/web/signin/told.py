"""The page somebody sees where signing in ended before its end: what happened, in words, and how to begin again."""

from __future__ import annotations

import logging

from starlette.responses import Response

from samepic.web.ask import Ask
from samepic.web.openid.provider import Provider
from samepic.web.openid.trouble import Reason, SignInTrouble
from samepic.web.signin.errand import Errand, Journey

_log = logging.getLogger(__name__)

_STATUS = {Reason.CANCELLED: 200, Reason.CONSENT: 200, Reason.EXPIRED: 400, Reason.UNTRUSTED: 400}
"""The rest is the provider's trouble or ours, and a 502."""

NOBODY = "nobody"
"""The actor in the audit log where it is not known who it was."""


async def told(ask: Ask, provider: Provider, trouble: SignInTrouble, journey: Journey | None = None) -> Response:
    """The page. A person's own turning back is nobody's business but theirs; what was not believed is audited."""
    name = provider.settings.name
    if trouble.reason not in {Reason.CANCELLED, Reason.EXPIRED}:
        _log.warning("Signing in with %s ended (%s): %s", name, trouble.reason, trouble.detail)
    if trouble.reason in {Reason.UNTRUSTED, Reason.CLOCK}:
        facts = {"provider": name, "reason": trouble.reason.value, "detail": trouble.detail}
        actor = ask.visitor.label if ask.visitor else NOBODY
        await ask.site.org.ledger.note_audit(actor, "sign-in failed", None, facts, ask.site.clock())
    journey = journey or Journey(Errand.SIGN_IN)
    status = _STATUS.get(trouble.reason, 502)
    return ask.page(
        "signin/trouble.html", status, reason=trouble.reason.value, provider=provider.settings, journey=journey
    )
