"""What `samepic doctor` says about the portal: does each provider answer, and can what people consent to be sealed?"""

from __future__ import annotations

from samepic.errors import SettingsError
from samepic.model import Finding, Level
from samepic.services import utc_now
from samepic.settings import Settings
from samepic.web.openid.provider import Provider, open_providers
from samepic.web.openid.trouble import Reason, SignInTrouble
from samepic.web.signin.sealing import seal_of


async def examine(settings: Settings) -> list[Finding]:
    """Asks each provider for its configuration and nothing else. Raises SettingsError."""
    found = [await _signing_in(one) for one in open_providers(settings, utc_now).values()]
    return found + ([_sealing(settings)] if settings.portal.key else [])


async def _signing_in(provider: Provider) -> Finding:
    name = provider.settings.name
    try:
        known = await provider.authority()
    except SignInTrouble as trouble:
        remedy = "Is it up?" if trouble.reason is Reason.DOWN else f"Check [[portal.sign_in]] {name}."
        return Finding(Level.PROBLEM, "signing in", f"{name}: {trouble.detail}", remedy)
    return Finding(Level.GOOD, "signing in", f"{name}: {known.issuer} answers.")


def _sealing(settings: Settings) -> Finding:
    try:
        seal_of(settings)
    except SettingsError as wrong:
        return Finding(Level.PROBLEM, "key", wrong.message, wrong.remedy)
    return Finding(Level.GOOD, "key", "What people consent to is kept sealed.")
