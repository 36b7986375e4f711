"""How each dependency is, as a graph: what it is for, and whether the product can do without."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from dbsbm.core import metrics
from dbsbm.core.errors import DatabaseUnavailableError
from dbsbm.core.logging import redacted
from dbsbm.environment import Environment
from dbsbm.games.feed.usage import Usage, UsageRepository
from dbsbm.health.repository import HealthRepository, Trouble

Word = Literal["ok", "degraded", "down", "unknown"]

BACKLOG_LIMIT = timedelta(minutes=5)
"""Delivery sweeps each minute: what has been due for five is not being sent."""
FEED_LIMIT = timedelta(hours=24)
"""With no games ahead the feed asks twice a day."""


@dataclass(frozen=True, slots=True)
class Dependency:
    """``needed``: without it the deployment is down; otherwise only worse. ``serves`` are the edges of the graph."""

    name: str
    word: Word
    serves: tuple[str, ...]
    needed: bool = False
    detail: str = ""
    age_s: int | None = None

    def to_json(self) -> dict[str, Any]:
        document: dict[str, Any] = {"name": self.name, "status": self.word, "serves": list(self.serves)}
        document["needed"] = self.needed
        if self.detail:
            document["detail"] = self.detail
        if self.age_s is not None:
            document["age_s"] = self.age_s
        return document


@dataclass(frozen=True, slots=True)
class Report:
    """``usage`` is what the providers of data cost this month, and what the month will come to."""

    dependencies: tuple[Dependency, ...]
    samples: tuple[metrics.Sample, ...] = ()
    usage: tuple[Usage, ...] = ()

    @property
    def down(self) -> list[str]:
        return [each.name for each in self.dependencies if each.needed and each.word == "down"]

    @property
    def degraded(self) -> list[str]:
        return [each.name for each in self.dependencies if each.word in {"degraded", "down"} and not each.needed]

    @property
    def status(self) -> str:
        return "down" if self.down else "degraded" if self.degraded else "ok"


def look(environment: Environment) -> Report:
    """Look at everything once. Nothing here raises: what cannot be seen is unknown."""
    beside = (_cache(environment), _flags(environment))
    try:
        with environment.database.read() as session:
            stored = tuple(_stored(HealthRepository(session), environment.clock.now()))
            usage = tuple(UsageRepository(session).providers(environment.clock.now()))
    except DatabaseUnavailableError as error:
        unseen = tuple(Dependency(name, "unknown", serves) for name, serves in _SERVES.items())
        database = Dependency("database", "down", _DATABASE, needed=True, detail=redacted(error.detail))
        return Report((database, *beside, *unseen))
    database = Dependency("database", "ok", _DATABASE, needed=True)
    dependencies = tuple(each for each in stored if isinstance(each, Dependency))
    samples = tuple(each for each in stored if isinstance(each, metrics.Sample))
    return Report((database, *beside, *dependencies), samples, usage)


_DATABASE = ("commands", "outbox", "feed")
_SERVES = {"outbox": ("discord",), "feed": ("commands",), "discord": ("people",)}


def _cache(environment: Environment) -> Dependency:
    alive = environment.cache.alive()
    if alive is None:
        return Dependency("cache", "ok", ("commands",), detail="none: each environment keeps its own")
    if alive:
        return Dependency("cache", "ok", ("commands",))
    return Dependency("cache", "degraded", ("commands",), detail="does not answer; reads go to the database")


def _flags(environment: Environment) -> Dependency:
    """Switches and limits, in S3. Without them what was read last holds."""
    version = environment.flags.current().version
    if environment.flags.unread:
        detail = f"cannot be read ({environment.flags.unread}); version {version} holds"
        return Dependency("flags", "degraded", ("commands", "feed"), detail=detail)
    return Dependency("flags", "ok", ("commands", "feed"))


def _stored(repository: HealthRepository, now: datetime) -> Iterator[Dependency | metrics.Sample]:
    counts, oldest, fed = repository.outbox_counts(), repository.oldest_due(), repository.last_feed()
    sent, trouble = repository.last_sent(), repository.trouble()
    waited = max(now - oldest, timedelta()) if oldest is not None else timedelta()
    needs_a_person = counts.get("dead", 0) + counts.get("unknown", 0)
    yield Dependency(
        "outbox",
        "degraded" if waited > BACKLOG_LIMIT else "ok",
        _SERVES["outbox"],
        detail=f"{needs_a_person} rows need a person: ./dev outbox list" if needs_a_person else "",
        age_s=round(waited.total_seconds()),
    )
    yield _feed(fed, now)
    yield _discord(sent, trouble, now)
    for state in ("pending", "sending", "dead", "unknown"):
        yield metrics.Sample(metrics.OUTBOX, (state,), counts.get(state, 0))
    yield metrics.Sample(metrics.BACKLOG, (), waited.total_seconds())
    if fed is not None:
        yield metrics.Sample(metrics.FEED_AGE, (), (now - fed).total_seconds())


def _feed(fed: datetime | None, now: datetime) -> Dependency:
    if fed is None:
        return Dependency("feed", "unknown", _SERVES["feed"], detail="no document was ever stored")
    word: Word = "degraded" if now - fed > FEED_LIMIT else "ok"
    return Dependency("feed", word, _SERVES["feed"], age_s=round((now - fed).total_seconds()))


def _discord(sent: datetime | None, trouble: Trouble | None, now: datetime) -> Dependency:
    """By the last results of delivery: something waits after an attempt, and nothing was taken since it was written."""
    age_s = round((now - sent).total_seconds()) if sent is not None else None
    if trouble is not None and (sent is None or sent < trouble.created_at):
        return Dependency("discord", "degraded", _SERVES["discord"], detail=redacted(trouble.reason), age_s=age_s)
    if sent is None:
        return Dependency("discord", "unknown", _SERVES["discord"], detail="nothing was ever sent")
    return Dependency("discord", "ok", _SERVES["discord"], age_s=age_s)
