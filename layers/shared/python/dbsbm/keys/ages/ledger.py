"""The rotation ledger: every key there is, from what says so, whoever rotates it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dbsbm.core import metrics
from dbsbm.core.bucket import Aws
from dbsbm.core.clock import Clock
from dbsbm.database.database import Database
from dbsbm.database.session import Session
from dbsbm.keys.ages.model import LONGEST, REMINDED, Age
from dbsbm.keys.ages.repository import AgeRepository
from dbsbm.keys.repository import KeyRepository
from dbsbm.security.secret_store import SecretStore


@dataclass(frozen=True, slots=True)
class Watched:
    """What is asked: names of secrets, and of KMS keys by kind ("kms" rotates by itself, "signer" does not)."""

    secrets: Sequence[str]
    kms: Sequence[tuple[str, str]]


def looked_at(database: Database, aws: Aws, watched: Watched, clock: Clock) -> dict[str, str]:
    """Note the age of each key; returns the state of each, "kind name" → state.

    Raises
    ------
    BucketError
        When AWS does not say; what was noted stays.
    """
    ages = _data_keys(database, clock.now())
    ages += [_secret(aws, name) for name in watched.secrets]
    ages += [_kms(aws, kind, name, clock.now()) for kind, name in watched.kms]
    states = {f"{age.kind} {age.name}": age.state(clock.now()) for age in ages}

    def noted(session: Session) -> None:
        for age in ages:
            AgeRepository(session).put(age, age.state(clock.now()), clock.now())

    database.run(noted)
    for state in ("due", "overdue"):
        metrics.record(metrics.KEYS_OLD, sum(each == state for each in states.values()), state=state)
    return states


def _data_keys(database: Database, now: datetime) -> list[Age]:
    with database.read() as session:
        oldest = KeyRepository(session).oldest()
        replaced = KeyRepository(session).replaced_in_use(now, None, 1)
    left = replaced[0] if replaced else None  # what a sweep has not come to yet, or what does not open
    return [
        Age("data", "data keys of people", None if oldest is None else oldest["made_at"], "data_keys, the oldest"),
        Age("data", "replaced data keys in use", None if left is None else left["made_at"], "sealed_words under them"),
    ]


def _secret(aws: Aws, name: str) -> Age:
    since = SecretStore(aws, name).in_use_since()
    return Age("secret", name, since, "no value is in use" if since is None else "CreatedDate of AWSCURRENT")


def _kms(aws: Aws, kind: str, name: str, now: datetime) -> Age:
    said = aws.call("kms", "TrentService.DescribeKey", {"KeyId": name})["KeyMetadata"]
    made = datetime.fromtimestamp(float(said["CreationDate"]), UTC)
    if kind == "signer":
        return Age(kind, name, made, "CreationDate of what the alias names")
    rotation = aws.call("kms", "TrentService.GetKeyRotationStatus", {"KeyId": said["KeyId"]})
    if not rotation.get("KeyRotationEnabled"):
        return Age(kind, name, made, "CreationDate; rotation is off")
    every = timedelta(days=int(rotation.get("RotationPeriodInDays") or LONGEST.days))
    longest = LONGEST if every > LONGEST else LONGEST + REMINDED  # nobody has to be reminded of what KMS does
    return Age(kind, name, made + every * ((now - made) // every), f"rotates every {every.days} days", longest)
