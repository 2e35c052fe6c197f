"""Graph's `/subscriptions`; what they are is in `subscriptions.py`."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from samepic.practice.graphpaths import READ_GROUPS, READ_PEOPLE, Named, Route, check_rights, route
from samepic.practice.graphwire import json_of
from samepic.practice.subscriptions import renew, subscribe, subscription, subscriptions, unsubscribe
from samepic.practice.tokens import Caller
from samepic.practice.wire import Answer, Ask
from samepic.practice.world import World


class Subscriptions:
    """`base` is Graph's address."""

    def __init__(self, world: World, base: str) -> None:
        self._world = world
        self._base = base

    def routes(self) -> list[Route]:
        return [
            route("/subscriptions", GET=self.every, POST=self.subscribe),
            route("/subscriptions/(?P<id>[^/]+)", GET=self.one, PATCH=self.renew, DELETE=self.drop),
        ]

    def every(self, ask: Ask, caller: Caller, named: Named) -> Answer:
        return self._shown({"value": subscriptions(self._world)})

    def subscribe(self, ask: Ask, caller: Caller, named: Named) -> Answer:
        wanted = json_of(ask.body)
        about_groups = str(wanted.get("resource", "")).strip("/").casefold().startswith("groups")
        check_rights(caller, READ_GROUPS if about_groups else READ_PEOPLE)
        return self._shown(subscribe(self._world, caller, wanted), HTTPStatus.CREATED)

    def one(self, ask: Ask, caller: Caller, named: Named) -> Answer:
        return self._shown(subscription(self._world, named["id"] or ""))

    def renew(self, ask: Ask, caller: Caller, named: Named) -> Answer:
        found = subscription(self._world, named["id"] or "")
        return self._shown(renew(self._world, found, json_of(ask.body).get("expirationDateTime")))

    def drop(self, ask: Ask, caller: Caller, named: Named) -> Answer:
        unsubscribe(self._world, named["id"] or "")
        return Answer(HTTPStatus.NO_CONTENT)

    def _shown(self, content: dict[str, Any], status: int = HTTPStatus.OK) -> Answer:
        context = {"@odata.context": f"{self._base}/v1.0/$metadata#subscriptions/$entity"}
        return Answer(status, context | content)
