"""A ciphertext that does not open stops nothing else, and is told."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from dbsbm.keys.ring import Shredder
from dbsbm.keys.rotation import KEPT_FOR_BACKUPS
from dbsbm.keys.words import CASE, SealedWords
from tests.e2e.test_sealed_words import SOON, bucket, keyed
from tests.e2e.world import World, on_schedule
from tests.e2e.world import opened as world_opened

pytestmark = pytest.mark.slow
PEOPLE = range(1, 11)
SPOILED = 4


def written(world: World, user_id: int, session: Any) -> None:
    SealedWords(session, world.guild.id).put(CASE, user_id, 1, user_id, {"said": str(user_id)})


def run(world: World, **later: float) -> dict[str, Any]:
    world.clock.sleep(timedelta(**later).total_seconds())
    done: dict[str, Any] = world.cloud.invoke("job_keys", {})
    return done


def spoil(world: World) -> bytes:
    """One byte of somebody's words is changed; returns their key."""
    with world.database.transaction() as session:
        session.execute(
            "UPDATE sealed_words SET sealed = CONCAT(LEFT(sealed, LENGTH(sealed) - 1), "
            "CHAR(ASCII(RIGHT(sealed, 1)) ^ 1)) WHERE owner_id = %s",
            (SPOILED,),
        )
    return bytes(world.rows("SELECT kid FROM sealed_words WHERE owner_id = %s", SPOILED)[0]["kid"])


def test_words_that_do_not_open_stop_no_rotation(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dbsbm.keys.rotation.BATCH", 1)
    monkeypatch.setattr("dbsbm.keys.rotation.KEYS_AT_ONCE", 3)
    with world_opened(database_url, catalog=on_schedule()) as world:
        world.set_up(SOON)
        writer = keyed(world, database_url)
        for user_id in PEOPLE:
            writer.run(partial(written, world, user_id))
        old = {bytes(row["kid"]) for row in world.rows("SELECT kid FROM data_keys")}
        spoiled = spoil(world)
        assert run(world, days=81)["done"]["renewed"] == len(PEOPLE)
        done = run(world, hours=1)
        assert (done["done"]["resealed"], done["done"]["broken"]) == (len(PEOPLE) - 1, 1)
        left = world.rows("SELECT kid, owner_id FROM sealed_words WHERE kid IN %s", tuple(old))
        assert [(bytes(row["kid"]), row["owner_id"]) for row in left] == [(spoiled, SPOILED)]
        (note,) = [line for line in world.cloud.logs("job_keys") if "does not open" in str(line)]
        assert f"{world.guild.id}|{SPOILED}|1" in str(note)
        assert done["states"]["data replaced data keys in use"] == "due"
        done = run(world, days=KEPT_FOR_BACKUPS.days + 1)
        assert done["done"]["broken"] == 1, "each time, until somebody looked at it"
        assert done["states"]["data replaced data keys in use"] == "overdue"
        for _ in range(3):
            run(world, hours=1)
        gone = {kid for kid in old if Shredder(bucket(world)).is_gone(kid)}
        assert gone == old - {spoiled}, "the key under which something stands is kept"


def test_a_key_that_was_lost_is_no_erasure(database_url: str, caplog: pytest.LogCaptureFixture) -> None:
    with world_opened(database_url, catalog=on_schedule()) as world:
        world.set_up(SOON)
        for user_id in PEOPLE:
            keyed(world, database_url).run(partial(written, world, user_id))
        assert run(world)["done"]["lost"] == 0
        kids = {row["user_id"]: bytes(row["kid"]) for row in world.rows("SELECT user_id, kid FROM data_keys")}
        for lost in (kids[1], kids[10]):
            assert Shredder(bucket(world)).remove(lost) == 1
        assert run(world)["done"]["lost"] == 2
        (note,) = [line for line in world.cloud.logs("job_keys") if line.get("lost")]
        assert set(note["lost"]) == {kids[1].hex(), kids[10].hex()}
        assert [line["key_faults"] for line in world.cloud.logs("job_keys") if line.get("what") == "lost"] == [0, 2]

        with keyed(world, database_url).read() as session:
            assert SealedWords(session, world.guild.id).of(CASE, 1) == {}
        assert "a data key is missing" in caplog.text, "whoever reads is told of it as well"
        caplog.clear()
        keyed(world, database_url).run(partial(written, world, 1))
        assert "a data key is missing" in caplog.text, "it is replaced, and not silently"
        versions = world.rows("SELECT kid, replaced_at FROM data_keys WHERE user_id = 1 ORDER BY version")
        assert [(bytes(row["kid"]) == kids[1], row["replaced_at"] is None) for row in versions] == [
            (True, False),
            (False, True),
        ]

        done = world.cloud.invoke("job_keys", {"v": 1, "give_up": True})["done"]
        assert (done["given_up"], done["destroyed"], done["lost"]) == (2, 2, 0)
        assert not world.rows("SELECT 1 FROM data_keys WHERE user_id = 10")
        events = world.rows("SELECT details FROM audit_events WHERE kind = 'key.step'")
        assert sum('"condemned"' in str(row["details"]) for row in events) == 2
        caplog.clear()
        with keyed(world, database_url).read() as session:
            assert SealedWords(session, world.guild.id).of(CASE, 10) == {}
        assert "a data key is missing" not in caplog.text
