"""The canary of erasures: written once a day, erased by the job as everybody is, and searched for when that is done."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from dbsbm.commands.erasing import Erasing
from dbsbm.core import metrics
from dbsbm.core.bucket import Bucket
from dbsbm.core.ids import encode
from dbsbm.privacy.canary.repository import CanaryRepository
from dbsbm.privacy.requests.model import Kind, Request, State, answer_by, confirm_by
from dbsbm.privacy.requests.repository import RequestRepository

_STAYS = timedelta(minutes=4)
"""So that it is there for a while, as everybody is."""
_OBJECTS = 200
"""The newest notes of erasures that are read: more than are made in a day."""


def turn(run: Erasing, buckets: Iterable[tuple[str, Bucket]]) -> list[str] | None:
    """Plant the day's canary, or search for the one that was erased; returns where it was found.

    Raises
    ------
    DatabaseUnavailableError, BucketError
        The next run goes on.
    """
    environment, today = run.environment, run.environment.clock.now().date()
    with environment.database.read() as session:
        last = CanaryRepository(session).last()
        request = RequestRepository(session).lock(last["request_id"]) if last else None
    if last is not None and last["places"] is None:
        if request is None or request.state is not State.DONE:
            return None
        return _searched(run, last["day"], request, buckets)
    if last is None or last["day"] < today:
        _planted(run, today)
    return None


def _planted(run: Erasing, day: date) -> None:
    environment, now = run.environment, run.environment.clock.now()
    user_id, name, subject = _who(run, day)
    request_id = environment.ids.new()
    times = now, confirm_by(now), answer_by(now), now + _STAYS
    asked = Request(request_id, subject, user_id, Kind.DELETE, State.WAITING, *times)

    def planted(session: object) -> None:
        CanaryRepository(session).plant(day, request_id, user_id, name, now)  # type: ignore[arg-type]
        RequestRepository(session).add(asked)  # type: ignore[arg-type]

    environment.database.run(planted)


def _searched(run: Erasing, day: date, request: Request, buckets: Iterable[tuple[str, Bucket]]) -> list[str]:
    environment, now = run.environment, run.environment.clock.now()
    user_id, name, _ = _who(run, day)
    needles = (str(user_id), encode(user_id), name)
    with environment.database.read(statement_s=30.0) as session:
        found = list(CanaryRepository(session).residues(user_id, needles, request.received_at))
    for label, bucket in buckets:
        keys = list(bucket.keys(""))
        texts = (bucket.get(key) or b"" for key in keys[-_OBJECTS:])
        if any(needle in key for key in keys for needle in needles) or any(
            needle.encode() in text for text in texts for needle in needles
        ):
            found.append(f"bucket {label}")
    found += [f"cache {key}" for key in environment.cache.holding(needles)]
    environment.database.run(lambda session: CanaryRepository(session).found(day, len(found), now))
    metrics.record(metrics.CANARY_ERASED)
    metrics.record(metrics.RESIDUES, len(found))
    return found


def _who(run: Erasing, day: date) -> tuple[int, str, str]:
    """Number, name and subject of a day's canary: from the key, so that they need not be kept anywhere."""
    secret = run.environment.tokens.keyed(f"canary|{day}")[0]
    user_id = int(secret[:14], 16)
    return user_id, f"canary {secret[14:34]}", run.environment.tokens.keyed(f"person|{user_id}")[0]
