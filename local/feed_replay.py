"""``./dev feed replay DIR [--speed N]``: a recorded season through the real odds feed of the running local cloud.

The local provider is told to serve the recording, moved so that its first week starts now. Whenever something in it
becomes known, the feed function is invoked. With a speed other than 1 the local cloud's clock is moved along, so that
people, schedules and the feed all live in the recording's time.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from dbsbm.core.aws import Account, Credentials, LambdaInvoke
from dbsbm.core.clock import Clock, ShiftedClock
from dbsbm.core.errors import DbsbmError, InvokeError
from dbsbm.core.http import HttpRequest
from dbsbm.core.transport import PooledTransport
from dbsbm.providers.leagues import feed_leagues
from local.cloud.execution import ACCESS_KEY, REGION, SECRET_KEY, SESSION_TOKEN, Names
from local.providers.recording import Appearance, Recording
from local.servers import ServerError

FEED = "feed_odds_api"
INVOKE_S = 60.0
_LONGEST_SLEEP_S = 1.0
_ATTEMPTS = 20
_BETWEEN_ATTEMPTS_S = 0.5

Say = Callable[[str], None]


class MovableFileClock(ShiftedClock):
    """The local cloud's clock, through the offset file that all its processes read; it never goes back."""

    def __init__(self, offset_file: Path) -> None:
        super().__init__(offset_file)
        self._file = offset_file

    def move_to(self, moment: datetime) -> None:
        """Set the clock forward; an earlier moment changes nothing."""
        if moment <= self.now():
            return
        fresh = self._file.with_suffix(".new")
        fresh.write_text(repr(moment.timestamp() - time.time()))
        fresh.replace(self._file)  # in one step: a reader never sees half a number


@dataclass(frozen=True, slots=True)
class Player:
    """Plays a recording.

    ``feed`` runs the feed function for some leagues, ``move`` sets the cloud's clock forward; ``elapsed`` and ``wait``
    are the real seconds that pass.
    """

    recording: Recording
    clock: Clock
    feed: Callable[[list[str]], Mapping[str, Any]]
    move: Callable[[datetime], None]
    say: Say
    elapsed: Callable[[], float] = time.monotonic
    wait: Callable[[float], None] = time.sleep

    def play(self, speed: float) -> int:
        """Play to the end; returns how many things became known.

        ``speed`` is in seconds of the recording per second. Faster than the clock, nothing is passed over: the clock
        stops at each moment at which something becomes known, and the feed runs there.
        """
        leagues = self._leagues()
        began, started = self.clock.now(), self.elapsed()
        done = len(self.recording.documents_until(began))
        if done:
            self._run(self.recording.appearances[:done], leagues)
        while done < len(self.recording.appearances):
            following = self.recording.appearances[done].at
            target = began + timedelta(seconds=(self.elapsed() - started) * speed)
            if following > target:
                self.move(target)
                self.wait(min(_LONGEST_SLEEP_S, (following - target).total_seconds() / speed))
                continue
            self.move(following)
            known = self.recording.documents_until(following)
            self._run(known[done:], leagues)
            done = len(known)
        return done

    def _run(self, new: tuple[Appearance, ...], leagues: list[str]) -> None:
        counts = self._fed(leagues)
        for appearance in new[-12:]:
            self.say(f"{appearance.at:%a %d %b %H:%M}  {appearance.kind:5}  {appearance.game}  {appearance.what}")
        if len(new) > 12:
            self.say(f"… and {len(new) - 12} more")
        self.say(f"    feed: {counts['games']} games, {counts['prices']} prices, {counts['scores']} scores changed")

    def _fed(self, leagues: list[str]) -> Mapping[str, Any]:
        """The feed's answer. It runs one at a time, and the schedule of the moved clock may be at it just now."""
        for _ in range(_ATTEMPTS - 1):
            try:
                return self.feed(leagues)
            except InvokeError:
                self.wait(_BETWEEN_ATTEMPTS_S)
        return self.feed(leagues)

    def _leagues(self) -> list[str]:
        sports = self.recording.sports()
        return [league.league for league in feed_leagues() if league.sport_key in sports]


def replay(directory: Path, speed: float, settings: Mapping[str, str], say: Say = print) -> int:
    """Play ``directory`` into the running local cloud; returns an exit status.

    ``settings`` are the running cloud's: ``ODDS_API_BASE_URL`` of the local provider, ``AWS_ENDPOINT_URL``, and
    ``DBSBM_CLOCK_FILE``.

    Raises
    ------
    ServerError
        When the folder is no recording, or what runs cannot play it, with what to do.
    """
    if speed <= 0:
        raise ServerError("--speed must be more than 0")
    clock = MovableFileClock(Path(_needed(settings, "DBSBM_CLOCK_FILE")))
    try:
        recording = Recording.starting(directory, clock.now())
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise ServerError(f"{directory} is not a recording in The Odds API's shape: {error}") from error
    _serve(_needed(settings, "ODDS_API_BASE_URL"), directory, recording)
    say(_introduction(directory.name, recording, clock.now(), speed))
    invoke = _invoke(_needed(settings, "AWS_ENDPOINT_URL"))
    player = Player(recording, clock, invoke, clock.move_to if speed != 1 else _stay, say)
    try:
        known = player.play(speed)
    except DbsbmError as error:
        raise ServerError(f"the feed failed: {error.detail} – see ./dev logs {FEED}") from error
    say(f"Played {known} documents. The local cloud's clock stands at {clock.now():%a %d %b %Y %H:%M} UTC.")
    return 0


def _stay(_moment: datetime) -> None:
    """At speed 1 the clock moves by itself."""


def _needed(settings: Mapping[str, str], name: str) -> str:
    value = settings.get(name)
    if not value:
        raise ServerError(f"{name} is not among the settings of what runs: start it with ./dev up")
    return value


def _serve(provider_url: str, directory: Path, recording: Recording) -> None:
    order = {"recording": str(directory.resolve()), "shift_s": recording.shift.total_seconds()}
    url = f"{provider_url.rstrip('/')}/local/source"
    try:
        answer = PooledTransport()(HttpRequest("PUT", url, {}, json.dumps(order).encode()))
    except DbsbmError as error:
        raise ServerError(f"no provider answers at {provider_url}: {error.detail}") from error
    if answer.status != 200:
        raise ServerError(f"{provider_url} is not the local provider (status {answer.status}), so it cannot replay")


def _invoke(endpoint: str) -> Callable[[list[str]], Mapping[str, Any]]:
    account = Account(REGION, Credentials(ACCESS_KEY, SECRET_KEY, SESSION_TOKEN), {"": endpoint})
    invoke = LambdaInvoke(account, Names().prefix)

    def feed(leagues: list[str]) -> Mapping[str, Any]:
        event = {"v": 1, "leagues": leagues}
        return invoke(FEED, event, asynchronous=False, timeout_s=INVOKE_S) or {}

    return feed


def _introduction(name: str, recording: Recording, now: datetime, speed: float) -> str:
    first, last = recording.appearances[0].at, recording.appearances[-1].at
    took = timedelta(seconds=round((last - now).total_seconds() / speed))
    return (
        f"Playing {name}, moved by {recording.shift.days} days: {first:%a %d %b %Y} to {last:%a %d %b %Y} "
        f"at {speed:g} times the clock's speed, some {took}. Ctrl-C stops; the games stay."
    )
