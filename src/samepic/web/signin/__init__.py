"""Signing in with the work or school account, by OpenID Connect."""

from __future__ import annotations

from samepic.web.access import Door

DOORS: tuple[Door, ...] = ()
