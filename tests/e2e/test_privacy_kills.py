"""Erasures and copies killed where they touch anything, and resumed: nothing left, nothing half, the receipt right."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

import pytest

from dbsbm.core.ids import Ids, encode
from dbsbm.database.database import Database
from dbsbm.keys.ring import Shredder
from dbsbm.privacy.erasure.ledger import Ledger
from dbsbm.privacy.requests.model import Stage, State
from local.cloud import Faults
from local.cloud.faults import Crossing
from local.discord_simulator import Seen
from tests.e2e.test_kills import at_every_crossing, pressed
from tests.e2e.test_privacy import residue
from tests.e2e.test_sealed_words import SOON, asked, bucket, keyed
from tests.e2e.world import World, distinct_pick, on_schedule, opened

pytestmark = [pytest.mark.slow, pytest.mark.longest]
FIRST = 7_770_010_000
"""No other number of these tests has its beginning."""
_EVERY = 1 if os.environ.get("DBSBM_NIGHTLY") == "1" else 37
"""Statements of one transaction come to the same: it is rolled back. Every commit, call and return is killed at, by
night every statement as well."""


def test_an_erasure_killed_at_every_boundary_leaves_nothing_and_counts_right(
    database_url: str, figure: Callable[[str], None]
) -> None:
    with opened(database_url, catalog=on_schedule()) as world:
        world.set_up(SOON)
        world.settled(world.ann.slash("bet", pick=distinct_pick(0)).click("Post"))
        world.settled(world.slips(world.bob)[0].by(world.bob).click("Tail"))
        database, ids = keyed(world, database_url), Ids(world.clock, Random(3))
        first = somebody(world, database, ids, 0)
        world.cloud.arm(Faults())
        world.cloud.invoke("job_privacy", {}, asynchronous=True)
        world.cloud.run_until_idle()
        told = finished(world, first)
        chosen = [each for each in world.cloud.crossings if each.kind != "sql" or each.number % _EVERY == 0]
        receipt = told["counts"]
        for person, crossing in enumerate(chosen, start=1):
            request = somebody(world, database, ids, person)
            killed(world, crossing)
            assert finished(world, request)["counts"] == receipt, f"{crossing}: every row is counted once"
        noted = {each.request_id for each in Ledger(bucket(world, "erasures")).all()}
        done = world.rows("SELECT request_id, names FROM privacy_requests WHERE state = 'done' AND user_id IS NULL")
        assert {row["request_id"] for row in done} == noted, "all are noted outside the database"
        assert len(done) == len(chosen) + 1
        assert {row["names"] for row in done} == {"[]"}
        assert residue(world, str(FIRST)[:7], "Zed") == []
        kinds = Counter(each.kind for each in chosen)
        figure(f"erasure killed at {len(chosen)} crossings: {dict(sorted(kinds.items()))}, nothing left")


def killed(world: World, crossing: Crossing) -> None:
    """After a crossing; before the next one nothing outside has changed."""
    world.cloud.arm(Faults.kill(crossing=crossing.number, when="after"))
    world.cloud.invoke("job_privacy", {}, asynchronous=True)
    world.cloud.run_until_idle()
    world.cloud.arm(Faults())


def finished(world: World, request_id: int) -> Any:
    """The request once it is done, its keys gone, its slip in Discord another's."""
    sql = "SELECT state, user_id, counts FROM privacy_requests WHERE request_id = %s"
    for _ in range(4):
        world.cloud.invoke("job_privacy", {})
        world.cloud.run_until_idle()
        if world.rows(sql, request_id)[0]["state"] == State.DONE:
            break
        world.clock.sleep(21 * 60)
        world.cloud.invoke("delivery", {})  # its sweep: a killed one leaves its lease behind
    (request,) = world.rows(sql, request_id)
    assert (request["state"], request["user_id"]) == (State.DONE, None)
    keys = world.rows("SELECT kid, gone_at FROM shredded_keys WHERE request_id = %s", request_id)
    assert len(keys) == 1
    assert all(row["gone_at"] and Shredder(bucket(world)).is_gone(row["kid"]) for row in keys)
    drawn = world.rows("SELECT state, images FROM outbox WHERE id LIKE %s", f"erase:{request_id}:%")
    assert [(row["state"], "Former capper" in row["images"]) for row in drawn] == [("sent", True)]
    return {**request, "counts": json.loads(request["counts"])}


def somebody(world: World, database: Database, ids: Ids, number: int) -> int:
    """Somebody with a bet in Discord, a draft, a tail, sealed words, and their name in what others read; who goes."""
    user_id = FIRST + number
    request_id = asked(world, database, ids, user_id, Stage.COMMUNITIES)
    bet_id, name = ids.new(), f"Zed {user_id}"
    rows: dict[str, dict[str, Any]] = {
        "bets": {"bet_id": bet_id, "capper_id": user_id},
        "bet_revisions": {"bet_id": bet_id, "written_by": user_id},
        "bet_legs": {"bet_id": bet_id},
        "tails": {"bet_id": bet_id, "user_id": user_id},
        "drafts": {"draft_id": bet_id, "capper_id": user_id},
        "outbox_targets": {"target_key": f"bet:{bet_id}"},
        "interactions": {"interaction_id": bet_id, "reply": json.dumps({"text": name})},
        "outbox": {
            "id": f"{bet_id}:1",
            "target_key": f"told:{bet_id}",
            "content": json.dumps({"by": name, "to": encode(user_id)}),
        },
    }
    filled = {table: {**world.rows(_FIRST[table])[0], **changed} for table, changed in rows.items()}
    with world.database.transaction() as session:
        session.execute("UPDATE cappers SET display_name = %s WHERE user_id = %s", (name, user_id))
        for table, like in filled.items():
            marks = ", ".join(["%s"] * len(like))
            session.execute(f"INSERT INTO {table} ({', '.join(like)}) VALUES ({marks})", tuple(like.values()))
    return request_id


_FIRST = {
    "outbox_targets": "SELECT * FROM outbox_targets WHERE target_key LIKE 'bet:%%' ORDER BY target_key LIMIT 1",
    "outbox": "SELECT * FROM outbox WHERE state = 'sent' ORDER BY created_at LIMIT 1",
    "interactions": "SELECT * FROM interactions WHERE reply IS NOT NULL ORDER BY interaction_id LIMIT 1",
    "bets": "SELECT * FROM bets ORDER BY bet_id LIMIT 1",
    "bet_revisions": "SELECT * FROM bet_revisions ORDER BY bet_id LIMIT 1",
    "bet_legs": "SELECT * FROM bet_legs ORDER BY bet_id LIMIT 1",
    "tails": "SELECT * FROM tails LIMIT 1",
    "drafts": "SELECT * FROM drafts LIMIT 1",
}


def test_a_copy_killed_at_every_crossing_comes_whole_and_once(database_url: str, figure: Callable[[str], None]) -> None:
    with opened(database_url, catalog=on_schedule(delivery="rate(1 minute)")) as world:
        world.set_up(SOON)
        world.settled(world.ann.slash("bet", pick=distinct_pick(0)).click("Post"))
        crossings = at_every_crossing("after", partial(copied, world))
        figure(f"copy killed after each of {crossings} crossings: whole, and counted once each")


def copied(world: World, faults: Faults) -> int:
    """Ask for a copy, again where the first answer was lost; returns the first one's crossings."""
    before, seen = len(given(world)), list[Seen]()

    def press() -> Seen:
        seen.append(world.ann.slash("privacy export"))
        return seen[-1]

    crossings = pressed(world, faults, press, lambda: whole(world, seen[-1]))
    states = given(world)[before:]
    assert states, "what was answered is noted"
    assert states == [("done", 1)] * len(states)
    assert len(states) <= len(seen), "no request is counted twice"
    return crossings


def given(world: World) -> list[tuple[str, int]]:
    rows = world.rows("SELECT state, counts FROM privacy_requests WHERE kind = 'export' ORDER BY request_id")
    return [(row["state"], json.loads(row["counts"])["parts"]) for row in rows]


def whole(world: World, seen: Seen) -> bool:
    message = seen.message
    files = {file.filename: file.data for file in message.files} if message is not None else {}
    if set(files) != {"my-data-1.json", "my-data-1.html"}:
        return False
    copy = json.loads(files["my-data-1.json"])
    return bool(copy["last"]) and len(copy["communities"][str(world.guild.id)]["bets"]) == 1
