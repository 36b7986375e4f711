"""Discord's REST API on a bad day."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random

from dbsbm.core.http import HttpRequest, HttpResponse, TransportError
from tests.e2e.troubles.strike import Strike, drawn
from tests.e2e.world import World

RATE_LIMIT, OLD_EDITS, BROKEN, BROKEN_AFTER = "429", "30046", "502", "502 after it was done"
SILENT, SILENT_AFTER, SLOW = "no answer", "no answer after it was done", "slow"
TOO_EARLY, LOST_WEBHOOK = "404 before the deferral is known", "lost webhook"
KINDS = (RATE_LIMIT, OLD_EDITS, BROKEN, BROKEN_AFTER, SILENT, SILENT_AFTER, SLOW, TOO_EARLY, LOST_WEBHOOK)
_FURTHEST = 4
_SLOW_S = 2.5
NOT_FOUND = 404
_KNOWN_AFTER_S = (0.2, 2.5)
Answer = Callable[[HttpRequest], HttpResponse]


class BadDiscord:
    """One trouble at a time, at one of the next requests; slowness and late knowledge last until it is over."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._strike = Strike()
        self.lost: set[int] = set()
        """Webhooks that somebody deleted: what they posted can be changed by nobody."""
        self.struck: Counter[str] = Counter()

    def arm(self, random: Random, kinds: Sequence[str] = KINDS) -> str:
        self._strike = drawn(random, kinds, _FURTHEST)
        if self._strike.kind == TOO_EARLY:
            self._world.simulator._acknowledgement_delay_s = _KNOWN_AFTER_S
        return str(self._strike)

    def calm(self) -> None:
        self._strike = Strike()
        self._world.simulator._acknowledgement_delay_s = (0.0, 0.0)

    def handle(self, request: HttpRequest, answer: Answer) -> HttpResponse:
        kind = self._strike.kind
        if kind == SLOW:
            self.struck[kind] += 1
            self._world.clock.sleep(_SLOW_S)
            return answer(request)
        if kind == TOO_EARLY:
            answered = answer(request)
            self.struck[kind] += answered.status == NOT_FOUND
            return answered
        if kind == "none" or (kind == OLD_EDITS and request.method != "PATCH") or not self._strike.due():
            return answer(request)
        if kind == LOST_WEBHOOK:
            self.struck[kind] += bool(self._world.simulator.state.webhooks)
            self.lost |= self._world.simulator.state.webhooks.keys()
            self._world.simulator.state.webhooks.clear()
            return answer(request)
        self.struck[kind] += 1
        if kind in (BROKEN_AFTER, SILENT_AFTER):
            answer(request)
        return self._refused(kind, request)

    def _refused(self, kind: str, request: HttpRequest) -> HttpResponse:
        if kind in (SILENT, SILENT_AFTER):
            self._world.clock.sleep(request.timeout_s)
            raise TransportError("timed out", sent=True)
        if kind in (RATE_LIMIT, OLD_EDITS):
            body = {"message": "You are being rate limited.", "retry_after": 1.5, "global": False}
            if kind == OLD_EDITS:
                body["code"] = int(OLD_EDITS)
            headers = {"content-type": "application/json", "retry-after": "2"}
            return HttpResponse(429, headers, json.dumps(body).encode())
        return HttpResponse(502, {"content-type": "text/html"}, b"<html>Bad Gateway</html>")
