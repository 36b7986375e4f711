"""Erasures that are due: done step by step, each in a transaction that also says how far it is."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from dbsbm.bets.repository import BetRepository
from dbsbm.bets.standings.repository import StandingsRepository
from dbsbm.cache.prefixes import REFUSED
from dbsbm.commands.slip import slip_edit
from dbsbm.commands.words.catalogue import Words, escape
from dbsbm.core import metrics
from dbsbm.core.bucket import BucketError
from dbsbm.core.errors import DatabaseUnavailableError, DbsbmError
from dbsbm.database.session import Session
from dbsbm.environment import Environment
from dbsbm.guilds.repository import GuildRepository
from dbsbm.keys.repository import KeyRepository
from dbsbm.keys.ring import HELD_ON, Shredder
from dbsbm.keys.shredding import destroy
from dbsbm.privacy.erasure.ledger import Erased, Ledger
from dbsbm.privacy.erasure.redaction import Person
from dbsbm.privacy.erasure.repository import ERASING, ErasureRepository, ResidueRepository
from dbsbm.privacy.people.repository import PeopleRepository
from dbsbm.privacy.requests.model import Request, Stage, State
from dbsbm.privacy.requests.receipt import digest, receipt_of
from dbsbm.privacy.requests.repository import RequestRepository

logger = logging.getLogger(__name__)

AT_ONCE = 1000
"""People in one run; whoever is behind them is for the next one."""
BATCH = 1000
"""Rows of one table in one transaction."""
PAGE = 200
"""Stored answers and outbox rows looked through in one transaction."""
SLIPS_AT_ONCE = 20
SLIPS_PER_RUN = 200
"""Delivery sends in order: what it has to draw anew must not keep others waiting for long."""
_STATEMENT_S = 30.0
_NOBODY = "https://cdn.discordapp.com/embed/avatars/0.png"
_NUDGE_TIMEOUT_S = 0.5


class ErasuresFailedError(DbsbmError):
    """Erasures that could not go on; ``detail`` has their requests. Everybody else had their turn."""

    code = "erasures_failed"


@dataclass
class Erasing:
    """One run of the job."""

    environment: Environment
    ledger: Ledger
    shredder: Shredder
    has_time: Callable[[], bool]
    slips: int = 0
    keys: list[str] = field(default_factory=list)

    def run(self, work: Callable[[Session], Request]) -> Request:
        return self.environment.database.run(work, statement_s=_STATEMENT_S)


def erase_due(run: Erasing) -> int:
    """Go on with erasures whose time has come, oldest first; returns how many were finished.

    Raises
    ------
    DatabaseUnavailableError
        At once: what was done stays done, the next run goes on behind it.
    ErasuresFailedError
        When all others have had their turn.
    """
    now = run.environment.clock.now()
    with run.environment.database.read() as session:
        due = RequestRepository(session).due(now, AT_ONCE)
    try:
        return erase(run, sorted(due, key=_drawn))
    finally:
        with run.environment.database.read() as session:
            metrics.record(metrics.ERASURES_LATE, RequestRepository(session).late(run.environment.clock.now()))


def _drawn(request: Request) -> int:
    """Whoever had the fewest slips drawn anew is first: one person's many must not keep all others waiting."""
    return request.counts.get("slips", 0)


def erase(run: Erasing, requests: Sequence[Request]) -> int:
    """Go on with each of these in turn; returns how many were finished. One that fails keeps nobody else waiting.

    Raises
    ------
    DatabaseUnavailableError, ErasuresFailedError
        As :func:`erase_due`.
    """
    finished, failed = 0, list[str]()
    for request in requests:
        if not run.has_time():
            break
        try:
            done = _worked(run, request).state is State.DONE
        except DatabaseUnavailableError:
            raise
        except Exception:  # the edge of one person: a fault in what is theirs must not keep the others waiting
            logger.exception("an erasure failed", extra={"request": str(request.request_id)})
            failed.append(str(request.request_id))
            continue
        if done:
            finished += 1
            metrics.record(metrics.ERASED)
    _nudge(run)
    if failed:
        raise ErasuresFailedError(f"requests {', '.join(failed)}; the log has why, the next run tries them again")
    return finished


def _worked(run: Erasing, request: Request) -> Request:
    while request.open and not _waits(run, request) and run.has_time():
        if request.state is State.WAITING:
            request = run.run(partial(_begun, request=request))
        elif request.stage == Stage.SLIPS and run.slips >= SLIPS_PER_RUN:
            break
        else:
            request = _STEPS[Stage(request.stage)](run, request)
    return request


def _waits(run: Erasing, request: Request) -> bool:
    """Whether nothing is to be done for it before a later moment."""
    return request.open and request.begins_at > run.environment.clock.now()


def _begun(session: Session, request: Request) -> Request:
    """Begin, unless it was taken back meanwhile."""
    current = RequestRepository(session).lock(request.request_id)
    if current is None or current.state is not State.WAITING:
        return replace(request, state=State.WITHDRAWN) if current is None else current
    return RequestRepository(session).keep(replace(current, state=State.WORKING, stage=Stage.COMMUNITIES))


def _communities(run: Erasing, request: Request) -> Request:
    """The next page of communities, one after another."""
    user_id = _user(request)
    with run.environment.database.read(statement_s=_STATEMENT_S) as session:
        found, then = PeopleRepository(session).guilds_of(user_id, request.cursor_guild)
        begun = ResidueRepository(session).communities(request.request_id, request.cursor_guild, BATCH)
    end = then if then is not None else (1 << 64) - 1
    wanted = {*found, *(int(row["guild_id"]) for row in begun if int(row["guild_id"]) <= end)}
    for guild_id in sorted(wanted):
        if not run.has_time():
            return request
        request = _left(run, request, guild_id)
    if then is None:
        return run.run(lambda session: _next(session, request, Stage.SLIPS))
    return run.run(lambda session: RequestRepository(session).keep(replace(request, cursor_guild=then)))


def _left(run: Erasing, request: Request, guild_id: int) -> Request:
    """Everything of the person in one community."""

    def named(session: Session) -> Request:
        return RequestRepository(session).keep(_named(session, request, guild_id))

    def told(session: Session) -> Request:
        changed = _recaps(session, request, guild_id)
        return RequestRepository(session).keep(_counted(request, "community_posts", changed))

    request = run.run(named)
    request = run.run(told)
    for column in ERASING:
        rows = BATCH
        while rows >= BATCH:
            before = sum(request.counts.values())
            request = run.run(partial(_batch, request=request, guild_id=guild_id, column=column))
            rows = sum(request.counts.values()) - before
    return run.run(lambda session: RequestRepository(session).keep(replace(request, cursor_guild=guild_id)))


def taken_out(session: Session, request: Request, guild_id: int) -> None:
    """Everything of the person in one community, as :func:`_left` does it, all in one transaction and uncounted."""
    request = _named(session, request, guild_id)
    _recaps(session, request, guild_id)
    for column in ERASING:
        while _rows(session, request, guild_id, column) >= BATCH:
            continue


def _named(session: Session, request: Request, guild_id: int) -> Request:
    """With a number in this community, and what the person is called here."""
    erasures = ErasureRepository(session, guild_id)
    erasures.number(request.request_id, request.subject, request.received_at)
    name = erasures.name(_user(request))
    here = ((guild_id, each) for each in (name, escape(name)) if name)
    return replace(request, names=sorted({*request.names, *here}))


def _batch(session: Session, request: Request, guild_id: int, column: str) -> Request:
    rows = _rows(session, request, guild_id, column)
    return RequestRepository(session).keep(_counted(request, column.partition(".")[0], rows)) if rows else request


def _rows(session: Session, request: Request, guild_id: int, column: str) -> int:
    values = {
        "user": _user(request),
        "limit": BATCH,
        "picture": _NOBODY,
        **_former(session, request, guild_id),
    }
    erasures = ErasureRepository(session, guild_id)
    if column == "cappers.user_id" and erasures.merge(_user(request), values["number"]):
        StandingsRepository(session, guild_id).rebuild(values["number"])
        return 1
    return erasures.erase(column, values)


def _former(session: Session, request: Request, guild_id: int) -> Mapping[str, Any]:
    """The number that stands for the person in a community, and the name that goes with it."""
    number = ErasureRepository(session, guild_id).number(request.request_id, request.subject, request.received_at)
    guild = GuildRepository(session, guild_id).guild()
    words = Words(guild.locale) if guild else Words()
    return {"number": number, "label": words.plain("privacy.former", number=number)}


def _recaps(session: Session, request: Request, guild_id: int) -> int:
    former = _former(session, request, guild_id)
    person = Person(_user(request), request.names_in(guild_id), former["label"], former["number"])
    erasures = ErasureRepository(session, guild_id)
    changed = 0
    for row in erasures.recaps():
        told = row["told"]
        if person.within(row["figures"]) or person.within(row["shown"]) or person.within(told):
            rewritten = None if told is None else person.redacted(told)
            erasures.rewrite_recap(row, person.redacted(row["figures"]), person.redacted(row["shown"]), rewritten)
            changed += 1
    return changed


def _slips(run: Erasing, request: Request) -> Request:
    """Some slips drawn anew under the former capper's number, in one community after another."""
    outbox = run.environment.database.outbox
    if outbox is None:
        raise RuntimeError("this database was built without an outbox")

    def drawn(session: Session) -> Request:
        places = ResidueRepository(session).communities(request.request_id, request.cursor_guild, 1)
        if not places:
            return _next(session, request, Stage.ANSWERS)
        guild_id, number = int(places[0]["guild_id"]), int(places[0]["number"])
        bet_ids = ErasureRepository(session, guild_id).slips(number, int(request.cursor_key or 0), SLIPS_AT_ONCE)
        guilds, bets = GuildRepository(session, guild_id), BetRepository(session, guild_id)
        guild, capper = guilds.guild(), guilds.capper(number)
        if not bet_ids or guild is None or capper is None or guild.state != "active":
            return RequestRepository(session).keep(replace(request, cursor_guild=guild_id, cursor_key=""))
        for bet in bets.several(bet_ids):
            post = slip_edit(bets.noted(bet), guild, capper, bets.last_decision(bet.bet_id))
            cause = f"erase:{request.request_id}:{bet.bet_id}"
            run.keys.extend(outbox.enqueue(session, cause, guild_id, [post], run.environment.clock.now()))
        run.slips += len(bet_ids)
        counted = _counted(request, "slips", len(bet_ids))
        return RequestRepository(session).keep(replace(counted, cursor_key=str(bet_ids[-1])))

    return run.run(drawn)


def _answers(run: Erasing, request: Request) -> Request:
    """Stored answers: the person's own are deleted, in those of others they are taken out."""

    def looked(session: Session) -> Request:
        residue = ResidueRepository(session)
        rows = residue.answers(int(request.cursor_key or 0), PAGE)
        changed = 0
        for row in rows:
            person = _somebody(request, int(row["guild_id"] or 0))
            if row["user_id"] == person.user_id:
                residue.drop_answer(row["interaction_id"])
            elif person.within(row["reply"]):
                residue.rewrite_answer(row["interaction_id"], person.redacted(row["reply"]))
            else:
                continue
            changed += 1
        return _paged(session, _counted(request, "interactions", changed), rows, "interaction_id", Stage.OUTBOX)

    return run.run(looked)


def _outbox(run: Erasing, request: Request) -> Request:
    """What was or is to be sent: what went to the person alone is deleted, in the rest they are taken out."""

    def looked(session: Session) -> Request:
        residue = ResidueRepository(session)
        rows = residue.posts(request.cursor_key, PAGE)
        changed = 0
        for row in rows:
            person = _somebody(request, int(row["guild_id"]))
            stored = [row["target"], row["content"], row["images"]]
            if _is_of(row, person):
                residue.drop_post(row["id"])
            elif any(person.within(text) for text in (*stored, row["last_error"])):
                error = None if row["last_error"] is None else person.redacted(row["last_error"])
                target, content, images = (person.redacted(text) for text in stored)
                residue.rewrite_post(row["id"], target, content, images, error)
            else:
                continue
            changed += 1
        return _paged(session, _counted(request, "outbox", changed), rows, "id", Stage.TARGETS)

    return run.run(looked)


def _is_of(row: Mapping[str, Any], person: Person) -> bool:
    user = json.loads(row["target"]).get("user_id")
    return str(user) == str(person.user_id) or str(person.user_id) in str(row["target_key"])


def _targets(run: Erasing, request: Request) -> Request:
    user = str(_user(request))

    def looked(session: Session) -> Request:
        residue = ResidueRepository(session)
        keys = residue.targets(request.cursor_key, PAGE)
        own = [key for key in keys if user in key.split(":")]
        for key in own:
            residue.drop_target(key)
        rows = [{"target_key": key} for key in keys]
        return _paged(session, _counted(request, "outbox_targets", len(own)), rows, "target_key", Stage.KEY)

    return run.run(looked)


def _key(run: Erasing, request: Request) -> Request:
    """Noted outside the database first, then the secret is gone, the keys are condemned and the request is nobody's."""
    with run.environment.database.read() as session:
        places = ResidueRepository(session).communities(request.request_id, 0, 1 << 31)
    numbers = {int(row["guild_id"]): int(row["number"]) for row in places}
    erased = Erased(request.request_id, request.subject, request.received_at.isoformat(), numbers)
    run.ledger.add(erased)
    user_id = _user(request)

    def forgotten(session: Session) -> Request:
        counted = _counted(request, "audit_secrets", ResidueRepository(session).forget(user_id))
        condemned = KeyRepository(session).condemn(user_id, request.request_id, run.environment.clock.now())
        nobodys = replace(_counted(counted, "data_keys", condemned), user_id=None, names=())
        return _next(session, nobodys, Stage.SHRED)

    run.environment.cache.clear_prefix(REFUSED)
    return run.run(forgotten)


def _shred(run: Erasing, request: Request) -> Request:
    """The keys are destroyed and read back; done once no function can hold one of them any more."""
    with run.environment.database.read() as session:
        condemned = KeyRepository(session).of_request(request.request_id)
    for row in condemned:
        if row["gone_at"] is None and run.has_time():
            destroy(run.environment.database, run.shredder, bytes(row["kid"]), run.environment.clock.now())
    now = run.environment.clock.now()
    sure_at = max((row["condemned_at"] for row in condemned), default=now - HELD_ON) + HELD_ON
    if now < sure_at:
        return run.run(lambda session: RequestRepository(session).keep(replace(request, begins_at=sure_at)))
    still = [row for row in condemned if not run.shredder.is_gone(bytes(row["kid"]))]
    if still:
        raise BucketError("a destroyed key is there again")
    return run.run(partial(_done, request=replace(request, state=State.DONE, done_at=now)))


def _done(session: Session, request: Request) -> Request:
    receipt = receipt_of(request, KeyRepository(session).of_request(request.request_id))
    return RequestRepository(session).keep(request, digest(receipt))


_STEPS: Mapping[Stage, Callable[[Erasing, Request], Request]] = {
    Stage.COMMUNITIES: _communities,
    Stage.SLIPS: _slips,
    Stage.ANSWERS: _answers,
    Stage.OUTBOX: _outbox,
    Stage.TARGETS: _targets,
    Stage.KEY: _key,
    Stage.SHRED: _shred,
}


def _paged(session: Session, request: Request, rows: Any, key: str, after: Stage) -> Request:
    if len(rows) < PAGE:
        return _next(session, request, after)
    return RequestRepository(session).keep(replace(request, cursor_key=str(rows[-1][key])))


def _next(session: Session, request: Request, stage: Stage) -> Request:
    return RequestRepository(session).keep(replace(request, stage=stage, cursor_guild=0, cursor_key=""))


def _counted(request: Request, what: str, rows: int) -> Request:
    if not rows:
        return request
    return replace(request, counts={**request.counts, what: request.counts.get(what, 0) + rows})


def _user(request: Request) -> int:
    if request.user_id is None:
        raise ValueError(f"request {request.request_id} is done")
    return request.user_id


def _somebody(request: Request, guild_id: int) -> Person:
    return Person(_user(request), request.names_in(guild_id), Words().plain("privacy.somebody"))


def _nudge(run: Erasing) -> None:
    """Wake delivery; what is lost here is found by its sweep."""
    if not run.keys:
        return
    try:
        nudge = {"v": 1, "target_keys": run.keys[:50]}
        run.environment.invoke("delivery", nudge, asynchronous=True, timeout_s=_NUDGE_TIMEOUT_S)
    except DbsbmError:
        return
