"""The doors of signing in and out, and of how somebody is signed in."""

from __future__ import annotations

from samepic.web.access import Access, Door
from samepic.web.signin.account import account, disconnect, end_session, end_sessions
from samepic.web.signin.arrive import signed_in
from samepic.web.signin.begin import sign_in
from samepic.web.signin.connect import connect
from samepic.web.signin.consent import consent, revoke
from samepic.web.signin.leave import sign_out, sign_out_there, signed_out

_POST = ("POST",)

DOORS = (
    Door("sign-in", "/sign-in/{provider}", Access.ANYBODY, sign_in, _POST),
    Door("signed-in", "/signed-in/{provider}", Access.ANYBODY, signed_in),
    Door("sign-out", "/sign-out", Access.ANYBODY, sign_out, _POST),
    Door("sign-out-there", "/sign-out/{provider}", Access.ANYBODY, sign_out_there, _POST),
    Door("signed-out", "/signed-out", Access.ANYBODY, signed_out),
    Door("account", "/account", Access.PERSON, account),
    Door("end-session", "/account/sessions/end", Access.PERSON, end_session, _POST),
    Door("end-sessions", "/account/sessions/end-all", Access.PERSON, end_sessions, _POST),
    Door("connect", "/account/connect/{provider}", Access.PERSON, connect, _POST),
    Door("disconnect", "/account/disconnect", Access.PERSON, disconnect, _POST),
    Door("consent", "/account/consent", Access.PERSON, consent, _POST),
    Door("revoke-consent", "/account/consent/revoke", Access.PERSON, revoke, _POST),
)
