"""What people write stands in the database sealed; with their key it is gone for good, also from what was copied."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import count
from random import Random
from typing import Any

import pytest

from dbsbm.core.aws import Account, Credentials
from dbsbm.core.bucket import Aws, Bucket
from dbsbm.core.ids import Ids, encode
from dbsbm.database.connection import connect_from_url
from dbsbm.database.database import Database
from dbsbm.guilds.repository import GuildRepository
from dbsbm.keys.envelope import Place
from dbsbm.keys.ring import BucketRing, Shredder
from dbsbm.keys.rotation import KEPT_FOR_BACKUPS
from dbsbm.keys.words import CASE, SealedWords, opened, place
from dbsbm.privacy.canary.repository import OF_NOBODY_ELSE, PLANTED, SEARCHED
from dbsbm.privacy.inventory import TABLES
from dbsbm.privacy.inventory.model import Basis, Erase
from dbsbm.privacy.requests.model import Kind, Request, Stage, State, answer_by, confirm_by
from dbsbm.privacy.requests.repository import RequestRepository
from infra.catalog import CATALOG
from infra.catalog_guard import SEARCHED as SEARCHED_BUCKETS
from local.cloud import Faults
from local.cloud.execution import Names
from local.cloud.faults import When
from local.discord_simulator import Seen
from tests.e2e.test_audit import file_of
from tests.e2e.world import NOW, QUIET, World, after, on_schedule
from tests.e2e.world import opened as world_opened

pytestmark = pytest.mark.slow
SAID, PROOF = "Mahomes never threw that ball", "https://scores.example/1"
SOON = NOW + timedelta(minutes=5)


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with world_opened(database_url, catalog=QUIET) as world:
        yield world.set_up(SOON)


def bucket(world: World, name: str = "keyring") -> Bucket:
    account = Account("us-east-1", Credentials("k", "s"), {"": "http://127.0.0.1"})
    return Bucket(Aws(world.cloud.aws, account), Names().of(name))


def keyed(world: World, database_url: str) -> Database:
    """The database as a function with the keyring has it, with nothing in its memory."""
    ring = BucketRing(lambda: bucket(world), world.clock)
    return Database(lambda: connect_from_url(database_url), world.clock, keyring=ring)


def disputed(world: World) -> Seen:
    world.settled(world.ann.slash("bet", pick="chiefs -3 -110 2u").click("Post"))
    (slip,) = world.slips(world.bob)
    slip.by(world.bob).click("Tail")
    after(world, minutes=6)
    world.settled(slip.by(world.gina).click("⋯").click("Lost"))
    world.settled(slip.by(world.bob).click("Details").click("Dispute").submit_modal(reason=SAID, proof=PROOF))
    return slip


def sealed(world: World, user_id: int) -> list[tuple[bytes, Place]]:
    rows = world.rows("SELECT * FROM sealed_words WHERE owner_id = %s", user_id)
    return [
        (row["sealed"], place(row["guild_id"], row["place"], row["object_id"], row["number"], row["owner_id"]))
        for row in rows
    ]


def stored_anywhere(world: World, needle: str) -> list[str]:
    """Columns that hold a text, answers and messages of the last hours aside, which repeat what is shown."""
    columns = world.rows(
        "SELECT table_name AS t, column_name AS c FROM information_schema.columns WHERE table_schema = DATABASE() "
        "AND table_name NOT IN ('interactions', 'outbox')"
    )
    return [
        f"{each['t']}.{each['c']}"
        for each in columns
        if world.rows(f"SELECT COUNT(*) AS n FROM `{each['t']}` WHERE INSTR(`{each['c']}`, %s) > 0", needle)[0]["n"]
    ]


def test_a_dispute_is_sealed_read_by_those_who_may_and_opens_no_more_after_an_erasure(
    world: World, database_url: str
) -> None:
    slip = disputed(world)
    assert stored_anywhere(world, SAID) == stored_anywhere(world, PROOF) == []
    assert SAID in slip.by(world.gina).click("Details").text
    copies = sealed(world, world.bob.user_id)
    kids = [row["kid"] for row in world.rows("SELECT kid FROM data_keys WHERE user_id = %s", world.bob.user_id)]
    assert len(copies) == len(kids) == 1
    with keyed(world, database_url).read() as session:
        assert SAID.encode() in (opened(session, *copies[0]) or b"")

    world.bob.slash("privacy delete").click("Erase my data…").submit_modal(typed="DELETE")
    after(world, minutes=66)
    assert world.rows("SELECT stage FROM privacy_requests")[0]["stage"] == Stage.SHRED
    assert Shredder(bucket(world)).is_gone(kids[0]), "destroyed at once"
    assert world.rows("SELECT state FROM privacy_requests")[0]["state"] == State.WORKING, "a function may still hold it"
    after(world, minutes=30)
    (request,) = world.rows("SELECT state, user_id FROM privacy_requests")
    assert (request["state"], request["user_id"]) == (State.DONE, None)
    (gone,) = world.rows("SELECT kid, versions, gone_at FROM shredded_keys")
    assert (gone["kid"], gone["versions"]) == (kids[0], 1)
    receipt = file_of(world.settled(world.bob.slash("privacy status").click("Receipt of line 1")))["content"]
    [key] = receipt["keys"]
    assert (key["key"], key["versions"], key["gone_at"][:10]) == (kids[0].hex(), 1, f"{gone['gone_at']:%Y-%m-%d}")
    with keyed(world, database_url).read() as session:
        assert opened(session, *copies[0]) is None, "a copy of the row, a backup for instance"
    assert SAID not in slip.by(world.gina).click("Details").text
    assert world.simulator.problems == []


def test_keys_are_renewed_and_destroyed_while_every_read_succeeds(database_url: str, figure: Any) -> None:
    with world_opened(database_url, catalog=on_schedule()) as world:
        world.set_up(SOON)
        writer = keyed(world, database_url)
        for user_id in range(1, 61):
            writer.run(partial(_written, world, user_id))
        old = {bytes(row["kid"]) for row in world.rows("SELECT kid FROM data_keys")}
        plain_row(world)
        world.clock.sleep(timedelta(days=81).total_seconds())
        reads = failed = 0
        for _ in range(3):
            world.cloud.arm(Faults.kill(crossing=40, when="after"))  # in the middle of it: the next run goes on
            world.cloud.invoke("job_keys", {}, asynchronous=True)
            world.cloud.run_until_idle()
            world.cloud.arm(Faults())
            for reader in (writer, keyed(world, database_url)):  # one with old keys in memory, one with none
                with reader.read() as session:
                    for user_id in range(1, 61):
                        reads += 1
                        failed += SealedWords(session, world.guild.id).of(CASE, user_id) != {1: {"said": str(user_id)}}
            done = world.cloud.invoke("job_keys", {})
            world.clock.sleep(21 * 60)
        assert not any(Shredder(bucket(world)).is_gone(kid) for kid in old), "a backup may need them"
        world.clock.sleep(KEPT_FOR_BACKUPS.total_seconds())
        assert (done["done"]["renewed"], done["done"]["destroyed"]) == (0, 0)
        destroyed = world.cloud.invoke("job_keys", {})["done"]["destroyed"]
        assert (failed, destroyed) == (0, len(old))
        kept = {bytes(row["kid"]) for row in world.rows("SELECT DISTINCT kid FROM sealed_words")}
        assert kept & old == set()
        assert all(Shredder(bucket(world)).is_gone(kid) for kid in old)
        assert world.rows("SELECT said FROM dispute_events WHERE dispute_id = 77")[0]["said"] == ""
        with writer.read() as session:
            assert SealedWords(session, world.guild.id).of(CASE, 77)[1]["said"] == SAID
        figure(f"60 data keys renewed through kills: {reads} reads meanwhile, {failed} failed")
        states = done["states"]
        assert states["data data keys of people"] == "fresh"
        assert f"signer alias/{Names().of('audit')}" in states
        listed = world.rows("SELECT kind, COUNT(*) AS n FROM key_ages GROUP BY kind ORDER BY kind")
        assert {row["kind"]: row["n"] for row in listed} == {
            "data": 2,
            "kms": 1,
            "secret": len(CATALOG.secrets),
            "signer": 1,
        }
        assert {state for key, state in states.items() if key.startswith("kms ")} == {"fresh"}


def _written(world: World, user_id: int, session: Any) -> None:
    SealedWords(session, world.guild.id).put(CASE, user_id, 1, user_id, {"said": str(user_id)})


def plain_row(world: World) -> None:
    """A step of a case from before words were sealed."""
    with world.database.transaction() as session:
        session.execute(
            "INSERT INTO disputes (guild_id, dispute_id, bet_id, opened_by, grade_seq, version, state, opened_at) "
            "VALUES (%s, 77, 1, 5, 1, 1, 'upheld', %s)",
            (world.guild.id, NOW),
        )
        session.execute(
            "INSERT INTO dispute_events (guild_id, dispute_id, number, kind, user_id, at, said) "
            "VALUES (%s, 77, 1, 'opened', 5, %s, %s)",
            (world.guild.id, NOW, SAID),
        )


@pytest.mark.parametrize(("stage", "step"), [(Stage.KEY, 3), (Stage.COMMUNITIES, 97)])
def test_an_erasure_killed_at_any_crossing_ends_with_no_key_and_no_words(
    database_url: str, stage: Stage, step: int, figure: Any
) -> None:
    with world_opened(database_url, catalog=on_schedule()) as world:
        world.set_up(SOON)
        database, ids = keyed(world, database_url), Ids(world.clock, Random(3))
        killed = 0
        when: When
        for number in count(1, step):
            user_id = 900_000 + number
            when = "after" if killed % 2 else "before"
            request = asked(world, database, ids, user_id, stage)
            world.cloud.arm(Faults.kill(crossing=number, when=when))
            world.cloud.invoke("job_privacy", {}, asynchronous=True)
            world.cloud.run_until_idle()
            crossings = len(world.cloud.crossings)
            world.cloud.arm(Faults())
            finished(world, request, user_id, stage)
            if crossings < number:
                break
            killed += 1
        figure(f"erasure from {stage} on, killed {killed} times around a crossing: no key and no words left")


def asked(world: World, database: Database, ids: Ids, user_id: int, stage: Stage) -> int:
    """Somebody with words in the community asks to be erased, and the time for it has come."""
    now, request_id = world.clock.now(), ids.new()

    def written(session: Any) -> None:
        SealedWords(session, world.guild.id).put(CASE, user_id, 1, user_id, {"said": SAID, "proof": ""})
        if stage is Stage.COMMUNITIES:
            GuildRepository(session, world.guild.id).put_capper(user_id, "Somebody", "", 1, now)
        times = now, confirm_by(now), answer_by(now), now
        request = Request(request_id, f"s{user_id}", user_id, Kind.DELETE, State.WAITING, *times)
        RequestRepository(session).add(request)
        RequestRepository(session).keep(replace(request, state=State.WORKING, stage=stage))

    database.run(written)
    return request_id


def finished(world: World, request_id: int, user_id: int, stage: Stage) -> None:
    for _ in range(4):
        world.cloud.invoke("job_privacy", {})
        world.cloud.run_until_idle()
        world.clock.sleep(21 * 60)
        if not world.rows("SELECT user_id FROM privacy_requests WHERE request_id = %s AND state <> 'done'", request_id):
            break
    (request,) = world.rows("SELECT state, user_id FROM privacy_requests WHERE request_id = %s", request_id)
    assert (request["state"], request["user_id"]) == (State.DONE, None)
    gone = world.rows("SELECT kid, gone_at FROM shredded_keys WHERE request_id = %s", request_id)
    assert len(gone) == 1
    assert all(row["gone_at"] and Shredder(bucket(world)).is_gone(row["kid"]) for row in gone)
    assert stage is Stage.KEY or sealed(world, user_id) == []
    assert not world.rows("SELECT user_id FROM data_keys WHERE user_id = %s", user_id)


def test_the_days_canary_is_erased_and_searched_for_everywhere(database_url: str) -> None:
    canary = {"v": 1, "canary": True}

    def job(world: World, minutes: int) -> Any:
        world.clock.sleep(minutes * 60)
        return world.cloud.invoke("job_privacy", canary)["residues"]

    with world_opened(database_url, catalog=on_schedule()) as world:
        for name in sorted(bucket.name for bucket in SEARCHED_BUCKETS.values()):
            bucket(world, name).put("of-others", gzip.compress(b"7001") if name == "archive" else b"7001")
        assert job(world, 0) is None
        assert world.rows("SELECT COUNT(*) AS n FROM sealed_words WHERE guild_id = 1")[0]["n"] == 1
        (planted,) = world.rows("SELECT user_id FROM privacy_requests")
        assert {where.split(".")[0] for where in stored_anywhere(world, str(planted["user_id"]))} >= set(PLANTED) - {
            "interactions",
            "outbox",
        }
        assert job(world, 5) is None, "erased, then waited for"
        assert job(world, 21) == []
        assert stored_anywhere(world, str(planted["user_id"])) == []
        assert str(planted["user_id"]) not in str(world.cloud.logs("job_privacy"))
        assert job(world, 5) is None, "one a day"
        assert job(world, 24 * 60) is None
        (second,) = world.rows("SELECT user_id FROM privacy_requests WHERE user_id IS NOT NULL")
        assert job(world, 5) is None
        with world.database.transaction() as session:
            session.execute("UPDATE cappers SET display_name = %s WHERE guild_id = 1", (f"@{second['user_id']}",))
        bucket(world, "archive").put("left", gzip.compress(f"by {second['user_id']}".encode()))
        bucket(world, "exports").put(f"{encode(second['user_id'])}.csv", b"-")
        left = ["cappers", "bucket exports", "bucket archive"]
        assert job(world, 21) == left, "what is left is found"


def test_every_table_that_may_hold_something_of_a_person_is_searched() -> None:
    personal = {table.name for table in TABLES if table.basis is not Basis.NONE}
    operators = {table.name for table in TABLES if table.erase is Erase.OPERATOR}
    assert personal - operators == set(SEARCHED) | set(OF_NOBODY_ELSE)


NOT_SEARCHED = {
    "feeds": "documents of sources of odds and scores, as they came",
    "flags": "switches and limits, written by operators",
    "deployments": "what was released when, written by a deployment",
    "backups": "sealed: they are searched as they are opened to be proven, every table of them",
}


def test_every_bucket_is_searched_or_can_hold_nothing_of_a_person() -> None:
    searched = {bucket.name for bucket in SEARCHED_BUCKETS.values()} | {"erasures", "keyring"}
    assert searched | set(NOT_SEARCHED) == {bucket.name for bucket in CATALOG.buckets}
    assert searched & set(NOT_SEARCHED) == set()
