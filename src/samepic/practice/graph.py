"""Microsoft Graph v1.0 as far as people and their pictures go (learn.microsoft.com/graph/api/overview).

Paths are lenient where the service is: doubled slashes collapse, letters' case does not matter, a person is named by
object id, by UPN, or as `users('...')`. What answers is in `graphpeople.py`, `graphphotos.py`, `graphgroups.py`,
`graphmailboxes.py` and `graphsubscriptions.py`.
"""

from __future__ import annotations

import re
import uuid
from http import HTTPStatus

from samepic.practice.graphgroups import GroupsAndTeams
from samepic.practice.graphmailboxes import Mailboxes
from samepic.practice.graphpaths import Route
from samepic.practice.graphpeople import People
from samepic.practice.graphphotos import Photos
from samepic.practice.graphsubscriptions import Subscriptions
from samepic.practice.graphwire import GraphError, no_resource, stamped
from samepic.practice.origins import Origins, audiences
from samepic.practice.tokens import BadToken, Caller, Tokens
from samepic.practice.wire import Answer, Ask
from samepic.practice.world import World


class Graph:
    def __init__(self, world: World, tokens: Tokens, origins: Origins) -> None:
        self._world = world
        self._tokens = tokens
        self._audiences = audiences(origins, "graph")
        parts = [part(world, origins.graph) for part in (People, Photos, GroupsAndTeams, Mailboxes, Subscriptions)]
        self._routes: list[Route] = [one for part in parts for one in part.routes()]

    def answer(self, ask: Ask) -> Answer:
        """One request, alone or out of a batch."""
        request = ask.headers.get("client-request-id", str(uuid.uuid4()))
        try:
            answer = self._routed(ask, self._caller(ask))
        except GraphError as error:
            answer = error.answer(request, self._world.machine())
        return stamped(answer, request)

    def _caller(self, ask: Ask) -> Caller:
        if ask.bearer is None:
            raise GraphError(HTTPStatus.UNAUTHORIZED, "InvalidAuthenticationToken", "Access token is empty.")
        try:
            return self._tokens.check(ask.bearer, self._audiences)
        except BadToken as why:
            raise GraphError(HTTPStatus.UNAUTHORIZED, "InvalidAuthenticationToken", str(why)) from None

    def _routed(self, ask: Ask, caller: Caller) -> Answer:
        path = re.sub("/+", "/", ask.path).rstrip("/")
        inner = re.sub(r"^/(v1\.0|beta)(?=/)", "", path, flags=re.IGNORECASE)
        known = [(match, one.methods) for one in self._routes if (match := one.pattern.fullmatch(inner))]
        if not known or (inner == path and not path.startswith("/oidc/")):
            raise no_resource(path)
        match, methods = known[0]
        if ask.method not in methods:
            message = "Specified HTTP method is not allowed for the request target."
            raise GraphError(HTTPStatus.METHOD_NOT_ALLOWED, "Request_BadRequest", message)
        return methods[ask.method](ask, caller, match.groupdict())
