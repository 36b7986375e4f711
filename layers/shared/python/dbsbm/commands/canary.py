"""The canary of erasures: written once a day, erased by the job as everybody is, and searched for when that is done."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from dbsbm.commands.erasing import Erasing
from dbsbm.core import metrics
from dbsbm.core.bucket import Bucket
from dbsbm.core.ids import encode
from dbsbm.environment import Environment
from dbsbm.privacy.canary.repository import CanaryRepository
from dbsbm.privacy.requests.model import Kind, Request, State, answer_by, confirm_by
from dbsbm.privacy.requests.repository import RequestRepository

_STAYS = timedelta(minutes=4)
"""So that it is there for a while, as everybody is."""
_CLOCKS_APART = timedelta(hours=1)
"""S3's clock and ours agree far better."""
_GZIP = b"\x1f\x8b"


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
    user_id, name, subject = _who(environment, day)
    request_id = environment.ids.new()
    times = now, confirm_by(now), answer_by(now), now + _STAYS
    asked = Request(request_id, subject, user_id, Kind.DELETE, State.WAITING, *times)

    def planted(session: object) -> None:
        CanaryRepository(session).plant(day, request_id, user_id, name, now)  # type: ignore[arg-type]
        RequestRepository(session).add(asked)  # type: ignore[arg-type]

    environment.database.run(planted)


def _searched(run: Erasing, day: date, request: Request, buckets: Iterable[tuple[str, Bucket]]) -> list[str]:
    environment, now = run.environment, run.environment.clock.now()
    needles = needles_of(environment, day)
    user_id = int(needles[0])
    with environment.database.read(statement_s=30.0) as session:
        found = list(CanaryRepository(session).residues(user_id, needles, request.received_at))
    since = request.received_at - _CLOCKS_APART
    found += [f"bucket {label}" for label, bucket in buckets if _within(bucket, needles, since)]
    found += [f"cache {key}" for key in environment.cache.holding(needles)]
    environment.database.run(lambda session: CanaryRepository(session).found(day, len(found), now))
    metrics.record(metrics.CANARY_ERASED)
    metrics.record(metrics.RESIDUES, len(found))
    return found


def _within(bucket: Bucket, needles: Sequence[str], since: datetime) -> bool:
    """Whether one of them is part of any object's name, or stands in an object written since: objects never change."""
    listed = list(bucket.listed())
    if any(needle in key for _, key in listed for needle in needles):
        return True
    written = f"{since:%Y-%m-%dT%H:%M:%S}"
    texts = (_opened(bucket.get(key) or b"") for at, key in listed if at >= written)
    return any(needle.encode() in text for text in texts for needle in needles)


def _opened(stored: bytes) -> bytes:
    return gzip.decompress(stored) if stored.startswith(_GZIP) else stored


def needles_of(environment: Environment, day: date) -> tuple[str, ...]:
    """What is searched for of a day's canary: the number, as it is written in two ways, and the name.

    Of each key there is: whoever was planted under the last one is found after it was changed.
    """
    known = (_known_by(secret) for secret in environment.index.keyed(f"canary|{day}"))
    return tuple(needle for user_id, name in known for needle in (str(user_id), encode(user_id), name))


def _who(environment: Environment, day: date) -> tuple[int, str, str]:
    """Number, name and subject of a day's canary: from the key, so that they need not be kept anywhere."""
    user_id, name = _known_by(environment.index.named(f"canary|{day}"))
    return user_id, name, environment.index.named(f"person|{user_id}")


def _known_by(secret: str) -> tuple[int, str]:
    return int(secret[:14], 16), f"canary {secret[14:34]}"
