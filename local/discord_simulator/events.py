"""Webhook events: signed, one way, repeated with growing pauses for ten minutes, in no promised order."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from dbsbm.core.http import HttpRequest, HttpResponse, TransportError
from local.discord_simulator import gateway
from local.discord_simulator.state import Json

if TYPE_CHECKING:
    from local.discord_simulator.simulator import Simulator

GIVE_UP = timedelta(minutes=10)
FIRST_PAUSE_S = 5.0
DEFAULT_URL = "http://127.0.0.1:8080/discord/events"


@dataclass(slots=True)
class _Due:
    document: Json
    first: datetime
    at: datetime
    attempts: int = 0


class EventSender:
    """Sends events to the endpoint it is connected to; :meth:`run_due` makes the attempts whose time has come."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._endpoint: Callable[[HttpRequest], HttpResponse] | None = None
        self._due: list[_Due] = []
        self.given_up: list[Json] = []
        self.delivered = 0
        self.attempts = 0

    def connect(self, endpoint: Callable[[HttpRequest], HttpResponse]) -> None:
        self._endpoint = endpoint

    def ping(self) -> list[str]:
        """What is wrong with the endpoint's answers to a PING (204 and empty is right) and a bad signature (401)."""
        if self._endpoint is None:
            return ["no endpoint is connected"]
        document = {"version": 1, "application_id": str(self._simulator.application_id), "type": 0}
        good = self._endpoint(gateway.signed(self._simulator, document, url=self._url()))
        bad = self._endpoint(gateway.signed(self._simulator, document, gateway.Delivery(signature="bad"), self._url()))
        wrong = []
        if good.status != 204 or good.body:
            wrong.append(f"a PING was answered {good.status} {good.body[:80]!r}, not 204 and empty")
        if bad.status != 401:
            wrong.append(f"a bad signature was answered {bad.status}, not 401")
        return wrong

    def send(self, kind: str, data: Json, *, copies: int = 1) -> None:
        """Queue an event, e.g. ``APPLICATION_AUTHORIZED``; ``copies`` > 1 delivers it that often."""
        now = self._simulator.clock.now()
        event = {"type": kind, "timestamp": now.isoformat(), "data": data}
        document = {
            "version": 1,
            "application_id": str(self._simulator.application_id),
            "type": 1,
            "event": event,
        }
        self._due += [_Due(deepcopy(document), now, now) for _ in range(copies)]

    def shuffle(self) -> None:
        """Deliver what waits in another order."""
        self._simulator.random.shuffle(self._due)

    def run_due(self) -> int:
        """Make every attempt that is due; how many were made. Not acknowledged: again later, for ten minutes."""
        if self._endpoint is None:
            return 0
        ready = [item for item in self._due if item.at <= self._simulator.clock.now()]
        for item in ready:
            self._due.remove(item)
            if self._attempt(item):
                self.delivered += 1
                continue
            item.attempts += 1
            item.at = self._simulator.clock.now() + timedelta(seconds=FIRST_PAUSE_S * 2 ** (item.attempts - 1))
            if item.at - item.first > GIVE_UP:
                self.given_up.append(item.document)
            else:
                self._due.append(item)
        return len(ready)

    def _attempt(self, item: _Due) -> bool:
        if self._endpoint is None:
            return False
        self.attempts += 1
        started = self._simulator.clock.now()
        try:
            response = self._endpoint(gateway.signed(self._simulator, item.document, url=self._url()))
        except TransportError:
            return False
        return response.status == 204 and self._simulator.clock.now() - started <= timedelta(seconds=3)

    def _url(self) -> str:
        return str(self._simulator.application["event_webhooks_url"] or DEFAULT_URL)
