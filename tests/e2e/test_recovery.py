"""After a loss: everything on a new server, or one community among others, and nobody back who asked to be erased."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random

import pytest

from dbsbm.backup.model import BackupError
from dbsbm.backup.recovery import Recovered, recover_guild
from dbsbm.backup.restore import BROUGHT_BACK, LEFT_AS_IT_IS
from dbsbm.commands.restoring import HELD_FOR
from dbsbm.core.bucket import Aws, Bucket
from dbsbm.database.database import Database
from dbsbm.database.session import Row, Session
from dbsbm.environment import Environment
from dbsbm.keys.rotation import KEPT_FOR_BACKUPS
from dbsbm.keys.words import CASE, SealedWords
from dbsbm.privacy.erasure.ledger import Erased
from dbsbm.wiring import build
from local.cloud.execution import Names
from local.run.backup import drill, ledger_of, moment, nobody
from local.servers import THROWAWAY, MariaDB
from tests.e2e.backups import backed_up, store_of
from tests.e2e.world import World, after, distinct_pick, on_schedule, opened

pytestmark = pytest.mark.slow
TOKEN_KEY = base64.b64encode(bytes(range(32))).decode()
QUIET = on_schedule()
GOES_ON = {
    *("audit_events", "channel_webhooks", "entitlements", "erasures", "interactions", "outbox", "outbox_targets"),
    *("unreachable_channels", "webhook_events"),
}


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url, catalog=QUIET, more={"TOKEN_KEY": TOKEN_KEY, "INDEX_KEY": TOKEN_KEY}) as world:
        yield busy(world.set_up())


def busy(world: World) -> World:
    """Two communities with a capper and two bets each."""
    elsewhere = world.simulator.guild("Elsewhere")
    hugo, nora = elsewhere.user("hugo", role="admin"), elsewhere.user("nora", role="capper")
    elsewhere.channel("slips")
    roles = {"capper_role": elsewhere.role("capper"), "admin_role": elsewhere.role("grader")}
    hugo.slash("setup", slip_channel=elsewhere.channel("slips"), **roles)
    hugo.slash("capper add", user=nora)
    for number, person in enumerate((world.ann, nora, world.ann, nora)):
        after(world, seconds=1)
        world.settled(person.slash("bet", pick=distinct_pick(number)).click("Post"))
    return world


def operator(world: World, url: str) -> Environment:
    """The operator's own way in, to the database of ``url``."""
    names = Names()
    settings = {
        "DATABASE_URL": url,
        "TOKEN_KEY": TOKEN_KEY,
        "INDEX_KEY": TOKEN_KEY,
        "BACKUP_BUCKET": names.of("backups"),
        "BACKUP_KEY_ID": f"alias/{names.of('backups')}",
        "ERASURE_BUCKET": names.of("erasures"),
        "KEYRING_BUCKET": names.of("keyring"),
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_ENDPOINT_URL": "http://127.0.0.1",
    }
    return build(settings, clock=world.clock, random=Random(5), transport=world.cloud.aws, invoke=nobody)


def erase_ann(world: World) -> None:
    world.ann.slash("privacy delete").click("Erase my data…").submit_modal(typed="delete")
    after(world, hours=2)
    world.cloud.invoke("job_privacy", {"v": 1})
    world.cloud.run_until_idle()


def everything_of(world: World, guild_id: int) -> dict[str, Sequence[Row]]:
    """The rows of a community in every table that names communities, but what goes on whatever is restored."""
    tables = [row["name"] for row in world.rows(
        "SELECT table_name AS name FROM information_schema.columns "
        "WHERE table_schema = DATABASE() AND column_name = 'guild_id' ORDER BY 1"
    )]  # fmt: skip
    return {
        name: world.rows(f"SELECT * FROM `{name}` WHERE guild_id = %s ORDER BY 1, 2, 3", guild_id)
        for name in tables
        if name not in GOES_ON
    }


def brought_back(world: World, name: str, url: str) -> Recovered:
    environment = operator(world, url)
    try:
        store = store_of(world)
        return recover_guild(environment, store, store.manifest(name), world.guild.id, ledger_of(environment))
    finally:
        environment.database.close()


def test_one_community_comes_back_and_no_other_is_touched(world: World, database_url: str) -> None:
    name = backed_up(world)["backup"]
    [elsewhere] = [
        row["guild_id"] for row in world.rows("SELECT guild_id FROM guilds") if row["guild_id"] != world.guild.id
    ]
    own = everything_of(world, world.guild.id)
    world.olga.slash("capper remove", user=world.ann)
    world.database.run(lambda session: session.execute("UPDATE bets SET state = 'graded', channel_id = 1"))
    others = everything_of(world, elsewhere)
    came = brought_back(world, name, database_url)
    assert everything_of(world, world.guild.id) == own
    assert everything_of(world, elsewhere) == others
    assert came.restored.rows == sum(len(rows) for rows in own.values())
    [event] = world.rows("SELECT details FROM audit_events WHERE kind = 'guild.restored'")
    assert name in event["details"]
    with pytest.raises(BackupError, match="no community 77"):
        environment = operator(world, database_url)
        store = store_of(world)
        recover_guild(environment, store, store.manifest(name), 77, ledger_of(environment))


def test_every_table_of_a_community_is_brought_back_or_left_for_a_reason(world: World) -> None:
    found = world.rows(
        "SELECT table_name AS name FROM information_schema.columns "
        "WHERE table_schema = DATABASE() AND column_name = 'guild_id'"
    )
    assert {row["name"] for row in found} == BROUGHT_BACK | LEFT_AS_IT_IS.keys(), "say so in dbsbm/backup/restore.py"
    assert not BROUGHT_BACK & LEFT_AS_IT_IS.keys()


def test_legal_holds_are_those_of_now(world: World, database_url: str) -> None:
    """One that was released since stays released, one that was placed since holds on."""
    hold = {"guild": str(world.guild.id), "case": "old", "by": "olga"}
    world.cloud.invoke("job_retention", {"v": 1, "hold": hold})
    name = backed_up(world)["backup"]
    world.cloud.invoke("job_retention", {"v": 1, "hold": {**hold, "release": True}})
    world.cloud.invoke("job_retention", {"v": 1, "hold": {**hold, "case": "new"}})
    before = world.rows("SELECT * FROM legal_holds ORDER BY case_id")
    brought_back(world, name, database_url)
    assert world.rows("SELECT * FROM legal_holds ORDER BY case_id") == before
    assert [(row["case_id"], row["released_at"] is None) for row in before] == [("new", True), ("old", False)]


def test_who_was_erased_since_is_erased_again_in_one_community(world: World, database_url: str) -> None:
    name = backed_up(world)["backup"]
    erase_ann(world)
    assert world.rows("SELECT 1 FROM cappers WHERE user_id = %s", world.ann.user_id) == ()
    assert brought_back(world, name, database_url).erased == 1
    assert world.rows("SELECT 1 FROM cappers WHERE user_id = %s", world.ann.user_id) == ()
    bets = world.rows("SELECT capper_id FROM bets WHERE guild_id = %s", world.guild.id)
    assert [row["capper_id"] for row in bets] == [1, 1]
    assert [row["display_name"] for row in world.rows("SELECT display_name FROM cappers WHERE user_id = 1")] == [
        "Former capper #1"
    ]
    assert not world.rows("SELECT 1 FROM privacy_requests WHERE state <> 'done'")


def test_an_erasure_that_is_at_work_meanwhile_does_not_miss_what_comes_back(world: World, database_url: str) -> None:
    """It has been in this community already, and the ledger does not have it yet."""
    name = backed_up(world)["backup"]
    erase_ann(world)
    ledger = Bucket(Aws(world.cloud.aws, operator(world, database_url).account()), Names().of("erasures"))
    for version in ledger.versions("erasures/"):
        ledger.remove_version(version)
    world.database.run(lambda session: session.execute(
        "UPDATE privacy_requests SET state = 'working', stage = 'answers', done_at = NULL, user_id = %s",
        (world.ann.user_id,),
    ))  # fmt: skip
    assert brought_back(world, name, database_url).erased == 1
    assert world.rows("SELECT 1 FROM bets WHERE capper_id = %s", world.ann.user_id) == ()
    assert world.rows("SELECT state, stage FROM privacy_requests") == [{"state": "working", "stage": "answers"}]


def test_who_came_back_keeps_what_they_have_elsewhere(world: World, database_url: str) -> None:
    """Erased in both communities, back in the other one: only the one that is brought back is erased again."""
    ann, elsewhere = world.ann.user_id, world.simulator.guild("Elsewhere")
    hugo = elsewhere.user("hugo", role="admin")
    hugo.slash("capper add", user=world.ann)
    name = backed_up(world)["backup"]
    erase_ann(world)
    hugo.slash("capper add", user=world.ann)
    database = operator(world, database_url).database
    words_of(world, database, (ann, "back"))
    kept = ("SELECT * FROM cappers WHERE user_id = %s", "SELECT * FROM data_keys WHERE user_id = %s",
            "SELECT * FROM audit_secrets WHERE user_id = %s")  # fmt: skip
    before = [world.rows(sql, ann) for sql in kept]
    assert all(before)
    assert brought_back(world, name, database_url).erased == 1
    for minutes in (5, 25):
        after(world, minutes=minutes)
        world.cloud.invoke("job_privacy", {"v": 1})
    assert [world.rows(sql, ann) for sql in kept] == before
    database.close()


def words_of(world: World, database: Database, *people: tuple[int, str]) -> Mapping[int, bytes]:
    """Each says something, number by number, under a key of their own; returns the keys' ids."""

    def said(session: Session) -> None:
        for number, (user_id, name) in enumerate(people, start=1):
            SealedWords(session, world.guild.id).put(CASE, 9, number, user_id, {"said": name})

    database.run(said)
    return {row["number"]: row["kid"] for row in world.rows("SELECT number, kid FROM sealed_words WHERE object_id = 9")}


def heard(world: World, database: Database) -> list[str]:
    with database.read() as session:
        return [words["said"] for words in SealedWords(session, world.guild.id).of(CASE, 9).values()]


def days(world: World, count: int) -> None:
    """What is replaced in the first hour is sealed anew in the second."""
    for seconds in (count * 86_400, 3600):
        world.clock.sleep(seconds)
        world.cloud.invoke("job_keys", {})


def test_a_key_that_was_replaced_since_opens_what_came_back(world: World, database_url: str) -> None:
    database = operator(world, database_url).database
    old = words_of(world, database, (world.bob.user_id, "bob"))
    days(world, 60)
    name = backed_up(world)["backup"]
    days(world, 21)
    assert world.rows("SELECT kid FROM sealed_words WHERE object_id = 9")[0]["kid"] != old[1], "sealed anew"
    brought_back(world, name, database_url)
    assert world.rows("SELECT kid FROM sealed_words WHERE object_id = 9")[0]["kid"] == old[1], "as it was that day"
    assert heard(world, database) == ["bob"]
    days(world, 22)
    assert world.rows("SELECT kid FROM sealed_words WHERE object_id = 9")[0]["kid"] != old[1], "and sealed anew again"
    days(world, KEPT_FOR_BACKUPS.days - 22)
    assert world.rows("SELECT gone_at FROM shredded_keys WHERE kid = %s", old[1])[0]["gone_at"] is not None
    assert heard(world, operator(world, database_url).database) == ["bob"]
    database.close()


def test_the_drill_brings_everything_to_a_new_server_without_who_was_erased(
    world: World, tmp_path: Path, database_url: str
) -> None:
    database = operator(world, database_url).database
    kids = words_of(world, database, (world.ann.user_id, "ann"), (world.bob.user_id, "bob"))
    database.close()
    days(world, 60)
    made = backed_up(world)
    erase_ann(world)
    days(world, 21)
    noted = len(list(ledger_of(operator(world, "mysql://root@127.0.0.1:1/none")).all()))
    assert noted == 1
    with MariaDB(tmp_path, extra=THROWAWAY) as server:
        there = operator(world, server.url("dbsbm"))
        store = store_of(world)
        drilled = drill(there, store, store.manifest(made["backup"]))
        assert (drilled.recovered.restored.rows, drilled.recovered.erased) == (made["rows"], 1)
        assert drilled.status in ("ok", "degraded")
        with there.database.read() as session:
            assert session.one("SELECT COUNT(*) AS n FROM bets") == {"n": 4}
            assert session.one("SELECT COUNT(*) AS n FROM bets WHERE capper_id = %s", (world.ann.user_id,)) == {"n": 0}
            assert session.all("SELECT 1 FROM audit_secrets WHERE user_id = %s", (world.ann.user_id,)) == ()
            assert session.all("SELECT 1 FROM data_keys WHERE user_id = %s", (world.ann.user_id,)) == ()
            assert session.one("SELECT user_id FROM data_keys WHERE kid = %s", (kids[2],)) is not None
            assert session.keyring.key(kids[1]) is None, "what was destroyed since does not come back"
        assert heard(world, there.database) == ["bob"], "and what was replaced since opens"
        there.database.close()
    assert len(list(ledger_of(operator(world, "mysql://root@127.0.0.1:1/none")).all())) == noted


def test_a_rehearsal_spares_the_keys_of_who_took_their_request_back(
    world: World, tmp_path: Path, database_url: str
) -> None:
    database = operator(world, database_url).database
    words_of(world, database, (world.ann.user_id, "ann"))
    database.close()
    asked = world.ann.slash("privacy delete").click("Erase my data…").submit_modal(typed="delete")
    made = backed_up(world)
    asked.click("Keep my data")
    after(world, hours=3)
    with MariaDB(tmp_path, extra=THROWAWAY) as server:
        there = operator(world, server.url("dbsbm"))
        store = store_of(world)
        came = drill(there, store, store.manifest(made["backup"])).recovered
        assert (came.erased, [request.user_id for request in came.held]) == (0, [world.ann.user_id])
        with there.database.read() as session:
            [row] = session.all("SELECT state, begins_at FROM privacy_requests")
            assert (row["state"], row["begins_at"]) == ("waiting", world.clock.now().replace(microsecond=0) + HELD_FOR)
            assert session.all("SELECT 1 FROM cappers WHERE user_id = %s", (world.ann.user_id,)) != ()
        there.database.close()
    assert heard(world, operator(world, database_url).database) == ["ann"]


def test_a_rehearsal_destroys_no_key_at_all(world: World, tmp_path: Path, database_url: str) -> None:
    """Not even of who is erased in it: what the ledger names was destroyed when it was noted."""
    database = operator(world, database_url).database
    words_of(world, database, (world.ann.user_id, "ann"))
    database.close()
    made = backed_up(world)
    environment = operator(world, database_url)
    [request_id, subject] = [environment.ids.new(), environment.index.named(f"person|{world.ann.user_id}")]
    ledger_of(environment).add(Erased(request_id, subject, world.clock.now().isoformat(), {}))
    with MariaDB(tmp_path, extra=THROWAWAY) as server:
        there = operator(world, server.url("dbsbm"))
        store = store_of(world)
        assert drill(there, store, store.manifest(made["backup"])).recovered.erased == 1
        with there.database.read() as session:
            assert session.all("SELECT 1 FROM data_keys WHERE user_id = %s", (world.ann.user_id,)) == ()
        there.database.close()
    assert heard(world, operator(world, database_url).database) == ["ann"]


def test_a_bare_day_is_its_end() -> None:
    assert moment("2026-11-20").isoformat() == "2026-11-20T23:59:59+00:00"
    assert moment("2026-11-20T15:00").isoformat() == "2026-11-20T15:00:00+00:00"
