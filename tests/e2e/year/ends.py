"""What must hold when the year is over."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import redis

from dbsbm.compliance.report.series import Series, last_period
from dbsbm.core.aws import Account, Credentials
from dbsbm.core.bucket import Aws, Bucket
from dbsbm.core.ids import encode
from infra.catalog import CATALOG
from local.cloud.execution import Names
from tests.e2e.world import World
from tests.e2e.year.clockwork import SLOW, Clockwork
from tests.e2e.year.people import Community, Erased

_SEALED = frozenset({"backups"})
"""Opened by themselves."""
_HALF_MONTH = timedelta(days=45)
_CACHED_S = 3600
"""Longer than anything of a person may stay in the cache."""


def holds_so_far(clockwork: Clockwork, played: Sequence[datetime]) -> None:
    """What must hold at any time, so that a year does not go on for an hour after something was missed."""
    world = clockwork.world
    schedules_kept(clockwork)
    reports_there(world, played)
    late = "SELECT * FROM privacy_requests WHERE state IN ('waiting', 'working') AND LEAST(confirm_by, answer_by) < %s"
    assert world.rows(late, world.clock.now()) == ()


def schedules_kept(clockwork: Clockwork) -> dict[str, int]:
    """Each schedule of an hour or more fired as often as its expression says; nothing failed, no residue was found."""
    assert clockwork.failed == [], clockwork.failed
    assert clockwork.residues == [], clockwork.residues
    wanted = {each.name: clockwork.expected(each.name) for each in SLOW.functions}
    other = {name: (clockwork.scheduled[name], due) for name, due in wanted.items() if due}
    other = {name: counts for name, counts in other.items() if counts[0] != counts[1]}
    assert other == {}, other
    assert clockwork.world.cloud.messages("failed-invocations") == []
    assert clockwork.world.simulator.problems == [], clockwork.world.simulator.problems
    return dict(sorted(clockwork.runs.items()))


def audit_whole(world: World) -> int:
    """The log goes from its first leaf to its last, and is signed to the end; returns its leaves."""
    ran = world.cloud.invoke("job_audit_sequence", {})
    assert ran["size"] == ran["published"] == ran["signed"]
    for _ in range(2):  # what was not looked at yet, then everything from the start
        assert world.cloud.invoke("job_audit_check", {}) == {"v": 1, "checked": ran["size"]}
    assert len(world.rows("SELECT 1 FROM audit_events")) == ran["size"]
    return int(ran["size"])


def nothing_left(community: Community, redis_url: str) -> int:
    """Of nobody who was erased is anything left in a table, the cache or a bucket; returns how many texts were read."""
    world, needles, texts = community.world, needles_of(community.erased), 0
    found: list[str] = []
    for where, text in _texts(world, redis_url):
        texts += 1
        found += [f"{where}: {needle}" for needle in needles if needle in text]
    assert found == [], found
    gone = "SELECT COUNT(*) AS kids FROM shredded_keys WHERE gone_at IS NOT NULL"
    assert world.rows("SELECT 1 FROM shredded_keys WHERE gone_at IS NULL") == ()
    assert world.rows(gone)[0]["kids"] >= len(community.erased)
    return texts


def needles_of(erased: list[Erased]) -> list[str]:
    return [text for each in erased for text in (str(each.person.user_id), encode(each.person.user_id), each.name)]


def bucket(world: World, name: str) -> Bucket:
    account = Account("us-east-1", Credentials("key", "secret"), {"": "http://127.0.0.1"})
    return Bucket(Aws(world.cloud.aws, account), Names().of(name))


def _texts(world: World, redis_url: str) -> Any:
    for row in world.rows("SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()"):
        for each in world.rows(f"SELECT * FROM `{row['name']}`"):
            yield row["name"], " ".join(_text(value) for value in each.values())
    with redis.Redis.from_url(redis_url) as client:
        for key in client.scan_iter():
            if 0 <= client.ttl(key) <= _CACHED_S:
                continue  # Redis counts real seconds: by the year's clock this is long gone
            held = client.dump(key) or b""
            yield "cache", _text(key) + _text(held)
    for name in sorted({made.name for made in CATALOG.buckets} - _SEALED):
        place = bucket(world, name)
        for key in place.keys(""):
            yield f"{name}/{key}", key + _text(place.get(key) or b"")


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def deadlines_met(community: Community) -> Mapping[str, int]:
    """Everybody who asked was answered within the month of the GDPR and the days of the CCPA."""
    rows = community.world.rows("SELECT * FROM privacy_requests")
    for row in rows:
        assert row["state"] in ("done", "withdrawn"), row
        if row["state"] == "done":
            assert row["done_at"] <= min(row["answer_by"], row["confirm_by"], row["received_at"] + _HALF_MONTH)
            assert row["user_id"] is None or row["kind"] == "export"
    canaries = community.world.rows("SELECT day, places FROM canaries")
    assert [row for row in canaries if row["places"] != 0] == [], canaries
    erased = sum(row["kind"] == "delete" and row["state"] == "done" for row in rows)
    assert erased == len(community.erased) + len(canaries)
    assert sum(row["state"] == "withdrawn" for row in rows) == community.taken_back
    return {"canaries": len(canaries), "requests": len(rows)}


def keys_in_time(world: World) -> int:
    """No key in use is past its day; returns how many data keys were renewed or destroyed."""
    overdue = world.rows("SELECT kind, name FROM key_ages WHERE state = 'overdue'")
    assert overdue == (), overdue
    oldest = world.rows("SELECT MIN(made_at) AS at FROM data_keys WHERE replaced_at IS NULL")[0]["at"]
    assert oldest is None or world.clock.now() - oldest < timedelta(days=90)
    return int(world.rows("SELECT COUNT(*) AS kids FROM shredded_keys")[0]["kids"])


def controls_mended(world: World, broken: Sequence[str]) -> dict[str, Any]:
    """Each control that was broken was found, and is closed since; returns how often, and what stands open."""
    rows = world.rows("SELECT control, state, opened_at, closed_at FROM compliance_findings ORDER BY finding_id")
    for control in broken:
        assert {row["state"] for row in rows if row["control"] == control} == {"closed"}, (control, rows)
    closed = Counter(row["control"] for row in rows if row["state"] == "closed")
    return {"closed": dict(closed), "open": sorted({row["control"] for row in rows if row["state"] == "open"})}


def passed_away(community: Community) -> None:
    """Of the community that removed the bot nothing but its audit log and its erasures is left."""
    assert community.gone is not None
    for table in ("guilds", "cappers", "bets", "drafts", "ledger_entries", "outbox"):
        assert community.world.rows(f"SELECT 1 FROM {table} WHERE guild_id = %s", community.gone.id) == (), table


def held_and_archived(world: World) -> None:
    """What was given up was kept while the case stood, then archived, read back and removed."""
    assert world.rows("SELECT 1 FROM outbox WHERE state = 'dead'") == ()
    assert [row["table_name"] for row in world.rows("SELECT table_name FROM archive_manifest")] == ["outbox"]
    assert world.rows("SELECT 1 FROM legal_holds WHERE released_at IS NULL") == ()


def reports_there(world: World, played: Sequence[datetime]) -> dict[str, int]:
    """One for each period that ended, in each format, as it was stored."""
    rows = world.rows("SELECT series, period, version, files FROM compliance_reports ORDER BY report_id")
    files = 0
    for row in rows:
        for kept in json.loads(row["files"]).values():
            body = bucket(world, "evidence").get(kept["key"])
            assert body is not None
            assert hashlib.sha256(body).hexdigest() == kept["sha256"]
            files += 1
    found = {(row["series"], row["period"]) for row in rows}
    assert len(found) == len(rows)
    assert found >= _ended(played, world), found
    return {**{series.value: sum(row["series"] == series for row in rows) for series in Series}, "files": files}


def _ended(played: Sequence[datetime], world: World) -> set[tuple[str, str]]:
    """The last period before each day that was played, if the controls had a run in it."""
    runs = [row["at"] for row in world.rows("SELECT at FROM compliance_runs")]
    periods = {(series.value, last_period(series, day)) for series in Series for day in played}
    return {(series, each.name) for series, each in periods if any(each.since <= at < each.until for at in runs)}


def posts_made(world: World) -> dict[str, int]:
    """Recaps and standings by their kind."""
    rows = world.rows("SELECT routine, COUNT(*) AS made FROM community_posts GROUP BY routine")
    return {row["routine"]: row["made"] for row in rows}


def marks_of(erased: Erased) -> list[bytes]:
    return [needle.encode() for needle in needles_of([erased])]
