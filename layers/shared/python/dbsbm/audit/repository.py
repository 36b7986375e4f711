"""The events of one guild: written in the transaction of the change, found again by whom, what, when and which."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dbsbm.audit import pseudonyms
from dbsbm.audit.events import SYSTEM, Entry, Event, Kind, Subject, canonical
from dbsbm.database.session import Row, Session

_COLUMNS = "SELECT event_id, leaf_index, guild_id, at, kind, actor, object, cause, details, seal FROM audit_events"


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for, all of it at once; ``before`` is the number of the last entry of the page before this one."""

    actor: int | None = None
    subject: Subject | None = None
    kind: Kind | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int = (1 << 64) - 1  # the column is unsigned
    limit: int = 50


class AuditRepository:
    """Appends and finds. The actor, the interaction and the time are the session's own ``cause``."""

    def __init__(self, session: Session, guild_id: int) -> None:
        self._session = session
        self._guild_id = guild_id

    def append(
        self,
        kind: Kind,
        subject: Subject,
        details: Mapping[str, Any] | None = None,
        sealed: Mapping[str, Any] | None = None,
    ) -> None:
        """One event, as :class:`Event` says."""
        append(self._session, [(self._guild_id, Event(kind, subject, details or {}, sealed))])

    def opening(self, subject: Subject) -> bytes | None:
        """The key of an object, None once its owner is forgotten: whoever has it can tell that an entry is of it."""
        secret = _secrets(self._session, {subject.owner or 0}).get(subject.owner or 0)
        return None if secret is None else pseudonyms.opening(secret, self._guild_id, subject)

    def of_subject(self, subject: Subject, limit: int = 200) -> Sequence[Entry]:
        """The entries of one object, oldest first."""
        named = self._named(subject)
        if named is None:
            return []
        # By audit_events_by_object, in order.
        rows = self._session.all(
            _COLUMNS + " WHERE guild_id = %s AND object = %s ORDER BY event_id LIMIT %s", (self._guild_id, named, limit)
        )
        return [entry_of(row) for row in rows]

    def search(self, wanted: Search) -> Sequence[Entry]:
        """Entries that fit, newest first; none where the actor or the owner was never seen or is forgotten."""
        actor, named = "", ""
        if wanted.actor is not None:
            secret = _secrets(self._session, {wanted.actor}).get(wanted.actor)
            if secret is None:
                return []
            actor = pseudonyms.actor(secret, self._guild_id, wanted.actor)
        if wanted.subject is not None:
            found = self._named(wanted.subject)
            if found is None:
                return []
            named = found
        kind = wanted.kind.value if wanted.kind else ""
        rest = (actor, actor, named, named, kind, kind, wanted.since, wanted.since, wanted.until, wanted.until)
        limits = (self._guild_id, wanted.before)
        if named:  # By audit_events_by_object.
            rows = self._session.all(_OF_OBJECT, (*limits, named, *rest, wanted.limit))
        elif actor:  # By audit_events_by_actor.
            rows = self._session.all(_OF_ACTOR, (*limits, actor, *rest, wanted.limit))
        elif kind:  # By audit_events_by_kind.
            rows = self._session.all(_OF_KIND, (*limits, kind, *rest, wanted.limit))
        else:  # By the guild's part of audit_events_by_kind.
            rows = self._session.all(_OF_GUILD, (*limits, *rest, wanted.limit))
        return [entry_of(row) for row in rows]

    def _named(self, subject: Subject) -> str | None:
        if subject.owner is None:
            return subject.name
        opened_by = self.opening(subject)
        return None if opened_by is None else pseudonyms.pseudonym(opened_by, subject)


_FITS = """ AND (%s = '' OR actor = %s) AND (%s = '' OR object = %s) AND (%s = '' OR kind = %s)
 AND (%s IS NULL OR at >= %s) AND (%s IS NULL OR at < %s) ORDER BY event_id DESC LIMIT %s"""
_OF_OBJECT = _COLUMNS + " WHERE guild_id = %s AND event_id < %s AND object = %s" + _FITS
_OF_ACTOR = _COLUMNS + " WHERE guild_id = %s AND event_id < %s AND actor = %s" + _FITS
_OF_KIND = _COLUMNS + " WHERE guild_id = %s AND event_id < %s AND kind = %s" + _FITS
_OF_GUILD = _COLUMNS + " WHERE guild_id = %s AND event_id < %s" + _FITS
_APPEND = (
    "INSERT INTO audit_events (guild_id, at, kind, actor, object, cause, details, seal) "
    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
)


def append(session: Session, events: Sequence[tuple[int, Event]]) -> None:
    """Events of any guilds, by guild id, in two statements: for what decides on many bets at once."""
    if not events:
        return
    cause = session.cause
    owners = {event.subject.owner for _, event in events} - {None}
    people = {owner for owner in owners if owner is not None} | ({cause.actor_id} if cause.actor_id else set())
    secrets = _made(session, people)
    rows = []
    for guild_id, event in events:
        actor = pseudonyms.actor(secrets[cause.actor_id], guild_id, cause.actor_id) if cause.actor_id else SYSTEM
        named, seal = _keyed(event, guild_id, secrets)
        details = canonical(event.details).decode()
        rows.append((guild_id, cause.at, event.kind.value, actor, named, cause.interaction_id, details, seal))
    session.execute_many(_APPEND, rows)


def append_alike(session: Session, kind: Kind, events: Sequence[tuple[int, Subject, str]]) -> None:
    """Events of one kind that the system brings about for bets of people: (guild id, bet, canonical details)."""
    at, cause = session.cause.at, session.cause.interaction_id
    secrets = _made(session, {owner for owner in (subject.owner for _, subject, _ in events) if owner is not None})
    rows = []
    for guild_id, subject, details in events:
        if subject.owner is None:
            raise ValueError(f"{subject.name} is nobody's")
        opened_by = pseudonyms.opening(secrets[subject.owner], guild_id, subject)
        rows.append((guild_id, at, kind.value, SYSTEM, pseudonyms.pseudonym(opened_by, subject), cause, details, ""))
    session.execute_many(_APPEND, rows)


def _keyed(event: Event, guild_id: int, secrets: Mapping[int, bytes]) -> tuple[str, str]:
    """The object's name and the seal of an event."""
    subject = event.subject
    if subject.owner is None:
        if event.sealed is not None:
            raise ValueError(f"{event.kind}: what nobody owns cannot be sealed")
        return subject.name, ""
    opened_by = pseudonyms.opening(secrets[subject.owner], guild_id, subject)
    seal = "" if event.sealed is None else pseudonyms.seal(opened_by, event.sealed)
    return pseudonyms.pseudonym(opened_by, subject), seal


def _secrets(session: Session, people: Collection[int]) -> dict[int, bytes]:
    # By PRIMARY.
    rows = session.all("SELECT user_id, secret FROM audit_secrets WHERE user_id IN %s", (sorted(people),))
    return {row["user_id"]: row["secret"] for row in rows}


def _made(session: Session, people: Collection[int]) -> dict[int, bytes]:
    """Everybody's secret; who has none gets one. Of two transactions that make one, the first one's counts."""
    known = _secrets(session, people) if people else {}
    new = sorted(set(people) - set(known))
    if not new:
        return known
    session.execute_many(
        "INSERT INTO audit_secrets (user_id, secret, made_at) VALUES (%s, %s, %s) "
        "ON DUPLICATE KEY UPDATE user_id = VALUES(user_id)",
        [(user_id, pseudonyms.new_secret(), session.cause.at) for user_id in new],
    )
    return known | _secrets(session, new)


def entry_of(row: Row) -> Entry:
    return Entry(
        event_id=row["event_id"],
        guild_id=row["guild_id"],
        at=row["at"],
        kind=row["kind"],
        actor=row["actor"],
        object=row["object"],
        cause=row["cause"],
        details=row["details"],
        seal=row["seal"],
        leaf_index=row["leaf_index"],
    )
