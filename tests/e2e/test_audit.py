"""The audit log from a click to a signed checkpoint, a proof that needs no trust, and what becomes of who tampers."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dbsbm.audit import check, sequencer, tree
from dbsbm.audit.check import check as checked
from dbsbm.audit.events import Event, Kind, Subject
from dbsbm.audit.events import bet as bet_of
from dbsbm.audit.pseudonyms import seal
from dbsbm.audit.repository import AuditRepository, append
from dbsbm.audit.signer import CHECKPOINTS
from dbsbm.bets.repository import BetRepository
from dbsbm.bets.sealing import sealed_terms
from dbsbm.core.aws import Account, Credentials, Request
from dbsbm.core.bucket import Aws, Bucket
from dbsbm.core.ids import decode, encode
from local.cloud import Faults
from local.cloud.errors import FunctionError
from local.cloud.execution import Names
from local.discord_simulator import Seen
from tests.e2e.world import KICK_OFF, QUIET, World, distinct_pick, opened

pytestmark = pytest.mark.slow
VERIFIER = Path(__file__).parents[2] / "docs/verify.py"


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url, catalog=QUIET) as world:
        yield world.set_up()


def posted(world: World, pick: str = "chiefs -3 -110 2u") -> str:
    """A bet; its number as people see it."""
    world.settled(world.ann.slash("bet", pick=pick).click("Post"))
    return encode(world.rows("SELECT MAX(bet_id) AS bet_id FROM bets")[0]["bet_id"])


def graded(world: World, *, seal_after: bool = True) -> str:
    """A bet that a person graded as won; its number."""
    number = posted(world)
    sealed(world)
    world.clock.move_to(KICK_OFF)
    world.settled(world.slips(world.gina)[-1].by(world.gina).click("⋯").click("Won"))
    if seal_after:
        sealed(world)
    return number


def sealed(world: World) -> dict[str, int]:
    result: dict[str, int] = world.cloud.invoke("job_audit_sequence", {})
    return result


def changed(world: World, sql: str, *params: Any) -> None:
    world.database.run(lambda session: session.execute(sql, params))


def file_of(seen: Seen) -> dict[str, Any]:
    [file] = seen.images
    document: dict[str, Any] = json.loads(file.data)
    return document


def proven(tmp_path: Path, document: dict[str, Any], older: dict[str, Any] | None = None, *keys: str) -> str:
    """What the stand-alone verifier says, run without anything of ours on its path."""
    command = [sys.executable, "-I", str(VERIFIER), str(tmp_path / "proof.json")]
    (tmp_path / "proof.json").write_text(json.dumps(document))
    if older is not None:
        (tmp_path / "older.json").write_text(json.dumps(older))
        command += ["--since", str(tmp_path / "older.json")]
    for key in keys:
        command += ["--key", key]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    return ran.stdout + ran.stderr


def test_everything_a_person_does_is_in_the_log_and_the_log_is_signed(world: World) -> None:
    posted(world)
    world.bob.slash("capper add", user=world.bob)
    kinds = [row["kind"] for row in world.rows("SELECT kind FROM audit_events ORDER BY event_id")]
    assert kinds[-2:] == ["bet.posted", "security.right_refused"]
    assert {"guild.setting", "capper.put"} <= set(kinds)
    [bet] = world.rows("SELECT actor, object, cause, seal FROM audit_events WHERE kind = 'bet.posted'")
    people = {str(world.ann.user_id), str(world.olga.user_id)}
    assert len(bet["actor"]) == len(bet["object"]) == len(bet["seal"]) == 64
    assert not [row for row in world.rows("SELECT * FROM audit_events") if people & {str(v) for v in row.values()}]
    ran = sealed(world)
    assert ran == {"v": 1, "taken": len(kinds), "size": len(kinds), "published": len(kinds), "signed": len(kinds)}
    assert sealed(world)["taken"] == 0
    assert world.cloud.invoke("job_audit_check", {}) == {"v": 1, "checked": len(kinds)}


def test_a_refused_right_is_noted_once_an_hour_however_often_they_press(world: World) -> None:
    for _ in range(3):
        world.bob.slash("capper add", user=world.bob)
    count = "SELECT COUNT(*) AS n FROM audit_events WHERE kind = 'security.right_refused'"
    assert world.rows(count)[0]["n"] == 1


def test_anybody_can_check_a_bet_without_us(world: World, tmp_path: Path) -> None:
    number = posted(world)
    early = world.settled(world.bob.slash("verify", bet=number))
    assert "is sealed within" in early.text
    assert early.images == []
    sealed(world)
    shown = world.settled(world.bob.slash("verify", bet=number))
    assert shown.private
    assert "posted" in shown.text
    assert "What stands now is what was sealed" in shown.text
    document = file_of(shown)
    said = proven(tmp_path, document)
    assert "PROVEN" in said
    assert "NOT PROVEN" not in said
    key = said.partition("key ")[2].split()[0]
    assert f"key {key}" in shown.text.replace("*", "")
    assert proven(tmp_path, document, None, key).endswith("\nPROVEN\n")
    for wrong in ("00000000", key[:7], ""):
        assert "NOT PROVEN: signed with key" in proven(tmp_path, document, None, wrong)

    posted(world, distinct_pick(7))
    sealed(world)
    size = int(document["checkpoint"].split("\n")[1])
    newer = file_of(world.settled(world.bob.slash("verify", bet=number, since=size)))
    assert "nothing among the first" in proven(tmp_path, newer, document)
    assert "NOT PROVEN" in proven(tmp_path, newer | {"consistency": newer["consistency"] | {"proof": []}}, document)


def test_a_file_that_was_touched_proves_nothing(world: World, tmp_path: Path) -> None:
    number = posted(world)
    sealed(world)
    document = file_of(world.settled(world.bob.slash("verify", bet=number)))
    content = document["content"] | {"revision": 2}
    leaf = document["entries"][0]["leaf"].replace("2026", "2025")
    entry = document["entries"][0]
    note = document["checkpoint"].replace("\ntime 2026", "\ntime 2025")
    for wrong in (
        {"content": content},
        {"entries": [entry | {"leaf": leaf}]},
        {"entries": [entry | {"index": entry["index"] - 1}]},
        {"checkpoint": note},
        {"object": "bet:1"},
        {"opening": "00" * 32},
    ):
        assert "NOT PROVEN" in proven(tmp_path, document | wrong), wrong


def test_terms_changed_behind_our_back_are_seen_by_whoever_asks(world: World) -> None:
    number = posted(world)
    sealed(world)
    changed(world, "UPDATE bet_revisions SET risk_micro = risk_micro * 5")
    slip = world.slips(world.bob)[-1]
    shown = world.settled(slip.by(world.bob).click("Details").click("Verify"))
    assert "not" in shown.text
    assert "what was sealed" in shown.text
    assert number in shown.text


def test_a_seal_made_anew_over_forged_terms_is_not_vouched_for(world: World, tmp_path: Path) -> None:
    """Whoever can write the rows can write the seals too: what is asked is whether the leaf is in the signed tree."""
    number = posted(world)
    sealed(world)
    changed(world, "UPDATE bet_revisions SET risk_micro = risk_micro * 5")
    with world.database.read() as session:
        bet = BetRepository(session, world.guild.id).bet(decode(number))
        opening = AuditRepository(session, world.guild.id).opening(bet_of(bet.bet_id, bet.capper_id)) or b""
    forged = seal(opening, sealed_terms(bet.bet_id, bet.terms))
    changed(world, "UPDATE audit_events SET seal = %s WHERE kind = 'bet.posted'", forged)
    shown = world.settled(world.bob.slash("verify", bet=number))
    assert "The log does not agree" in shown.text
    assert "tell those who run this" in shown.text
    assert "what was sealed then" not in shown.text
    assert "Signed" not in shown.text
    document = file_of(shown)
    index = document["entries"][0]["index"]
    assert f"entry {index} is not in the log" in shown.text
    assert f"NOT PROVEN: entry {index} is not in the signed log" in proven(tmp_path, document)


@pytest.mark.parametrize(
    "forged",
    [
        "UPDATE audit_events SET details = REPLACE(details, 'won', 'lost') WHERE kind = 'bet.decided'",
        "UPDATE audit_events SET leaf_index = 0 WHERE kind = 'bet.decided'",
    ],
)
def test_a_forged_leaf_is_named(world: World, forged: str) -> None:
    number = graded(world)
    changed(world, forged)
    shown = world.settled(world.bob.slash("verify", bet=number))
    assert "The log does not agree" in shown.text
    assert "what was sealed then" not in shown.text


@pytest.mark.parametrize(
    "forged", ["DELETE FROM audit_tiles", "UPDATE audit_checkpoints SET note = REPLACE(note, '2026', '2025')"]
)
def test_a_log_without_its_hashes_or_its_signature_proves_nothing(world: World, forged: str) -> None:
    number = graded(world)
    changed(world, forged)
    shown = world.settled(world.bob.slash("verify", bet=number))
    assert "nothing can be proven here" in shown.text
    assert "what was sealed then" not in shown.text
    assert shown.images == []


@pytest.mark.parametrize(
    "forged",
    [
        "UPDATE bets SET grade = 'lost'",
        "UPDATE bets SET grade = NULL, grade_seq = 0, state = 'open'",
        "UPDATE ledger_entries SET profit_micro = profit_micro * 5",
    ],
)
def test_a_grade_or_units_changed_behind_our_back_are_seen(world: World, forged: str) -> None:
    number = graded(world)
    assert "What stands now is what was sealed" in world.settled(world.bob.slash("verify", bet=number)).text
    changed(world, forged)
    shown = world.settled(world.bob.slash("verify", bet=number))
    assert "The grade or the units that stand now are not" in shown.text.replace("*", "")
    assert "what was sealed then" not in shown.text


def test_what_waits_for_its_seal_is_compared_when_it_has_it(world: World) -> None:
    number = graded(world, seal_after=False)
    shown = world.settled(world.bob.slash("verify", bet=number))
    assert "can be compared within" in shown.text
    assert "what was sealed then" not in shown.text
    sealed(world)
    assert "What stands now is what was sealed" in world.settled(world.bob.slash("verify", bet=number)).text
    world.settled(world.slips(world.gina)[-1].click("Undo"))
    sealed(world)
    assert "What stands now is what was sealed" in world.settled(world.bob.slash("verify", bet=number)).text


def test_another_guild_or_a_forgotten_capper_shows_nothing(world: World) -> None:
    number = posted(world)
    sealed(world)
    elsewhere = world.simulator.guild("Elsewhere")
    hugo = elsewhere.user("hugo", role="admin")
    assert world.settled(hugo.slash("verify", bet=number)).images == []
    assert "not a bet" in world.settled(world.bob.slash("verify", bet="nonsense")).text
    changed(world, "DELETE FROM audit_secrets")
    assert "forgotten" in world.settled(world.bob.slash("verify", bet=number)).text
    assert world.cloud.invoke("job_audit_check", {})["v"] == 1


def test_the_signer_refuses_a_history_that_was_rewritten(world: World) -> None:
    posted(world)
    size = sealed(world)["signed"]
    changed(world, "UPDATE audit_events SET leaf_index = NULL, details = '{}'")
    changed(world, "DELETE FROM audit_tiles")
    changed(world, "DELETE FROM audit_log")
    changed(world, "DELETE FROM audit_checkpoints")
    assert sealed(world) == {"v": 1, "taken": size, "size": size, "published": size, "signed": 0}
    with pytest.raises(FunctionError, match="RewrittenError"):
        world.cloud.invoke("job_audit_sign", {})
    posted(world, distinct_pick(3))
    assert sealed(world)["signed"] == 0
    found = world.cloud.invoke("job_audit_check", {})
    assert found["where"] == f"checkpoint {size}"


def test_a_checkpoint_that_was_deleted_stops_check_and_signer(world: World) -> None:
    """A delete marker is all that the lock lets anybody put over it; what is below it is not taken for the newest."""
    for pick in (distinct_pick(1), distinct_pick(2)):
        posted(world, pick)
        assert sealed(world)["signed"]
    hide_newest(world)
    for function, error in (("job_audit_check", "audit_hidden"), ("job_audit_sign", "audit_rewritten")):
        with pytest.raises(FunctionError, match=error):
            world.cloud.invoke(function, {})


def hide_newest(world: World) -> None:
    """Delete the last checkpoint as far as the lock lets anybody."""
    account = Account("us-east-1", Credentials("key", "secret"), {"": "http://127.0.0.1"})
    bucket = Bucket(Aws(world.cloud.aws, account), Names().of("checkpoints"))
    newest = min(bucket.keys(CHECKPOINTS))
    empty = {"x-amz-content-sha256": hashlib.sha256(b"").hexdigest()}
    assert bucket.send(Request("DELETE", newest, "", b""), empty).status == 204


def test_a_changed_row_is_named_by_the_check(world: World) -> None:
    posted(world)
    sealed(world)
    changed(world, "UPDATE audit_events SET kind = 'bet.revised' WHERE leaf_index = 3")
    found = world.cloud.invoke("job_audit_check", {})
    assert (found["leaf"], found["where"]) == (3, "tile 0/0")


def test_every_round_looks_at_every_leaf_again_however_the_log_grows(world: World) -> None:
    """What lies in full tiles that were found right once is looked at in the next round as well."""
    grown(world, 600)
    sealed(world)
    size, before = world.cloud.invoke("job_audit_check", {})["checked"], world.clock.now()
    assert rounds(world) == {"round_next": 0, "checked_size": size, "checked_since": before}
    for sql, leaf, where in (
        ("UPDATE audit_events SET kind = 'bet.revised' WHERE leaf_index = 3", 3, "tile 0/0"),
        ("DELETE FROM audit_events WHERE leaf_index = 2", 2, "rows"),
    ):
        changed(world, sql)
        grown(world, 10)
        sealed(world)
        found = world.cloud.invoke("job_audit_check", {})
        assert (found["leaf"], found["where"]) == (leaf, where)
    assert rounds(world)["checked_since"] == before


def test_a_round_of_several_runs_goes_on_where_the_last_stopped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    grown(world, 600)
    size, began = sealed(world)["size"], world.clock.now()
    left = iter((True, False, True, False))
    with monkeypatch.context() as short:
        short.setattr(check, "check", lambda log, origin, first, _: checked(log, origin, first, lambda: next(left)))
        for came in (256, 512):
            assert world.cloud.invoke("job_audit_check", {}) == {"v": 1, "checked": came}
            assert rounds(world) == {"round_next": came, "checked_size": 0, "checked_since": None}
            world.cloud.skip_to(world.clock.now() + timedelta(minutes=1))
    assert world.cloud.invoke("job_audit_check", {}) == {"v": 1, "checked": size}
    assert rounds(world) == {"round_next": 0, "checked_size": size, "checked_since": began}
    changed(world, "UPDATE audit_log SET round_next = 1024")  # of a longer log, before a restore
    assert world.cloud.invoke("job_audit_check", {}) == {"v": 1, "checked": size}
    assert rounds(world)["checked_since"] == world.clock.now()


def rounds(world: World) -> dict[str, Any]:
    return dict(world.rows("SELECT round_next, checked_size, checked_since FROM audit_log")[0])


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_any_crossing_the_next_run_goes_on(world: World, when: Any) -> None:
    size, crossing, whole = sealed(world)["size"], 0, False
    while not whole:
        size, crossing = size + happened(world), crossing + 1
        world.cloud.arm(Faults.kill(crossing=crossing, when=when))
        try:
            sealed(world)
            whole = len(world.cloud.crossings) < crossing
        except FunctionError:  # the sequencer was killed; killed in the signer, it goes on
            whole = False
        world.cloud.arm(Faults())
        ran = sealed(world)
        assert ran["size"] == ran["published"] == ran["signed"] == size, crossing
    assert crossing > 20
    assert world.cloud.invoke("job_audit_check", {}) == {"v": 1, "checked": size}
    rows = world.rows("SELECT leaf_index FROM audit_events ORDER BY event_id")
    assert [row["leaf_index"] for row in rows] == list(range(size))


def test_a_long_backlog_is_published_step_by_step_and_again_from_the_start(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sequencer, "STEP", tree.WIDTH)
    size = len(world.rows("SELECT event_id FROM audit_events"))
    grown(world, 600)
    assert sealed(world)["signed"] == size + 600
    before = world.cloud.invoke("job_audit_check", {})
    changed(world, "UPDATE audit_log SET published_size = 0")
    assert sealed(world)["published"] == size + 600
    assert world.cloud.invoke("job_audit_check", {}) == before == {"v": 1, "checked": size + 600}


def grown(world: World, by: int) -> None:
    events = [(world.guild.id, Event(Kind.GUILD_STATE, Subject("guild"), {"n": n})) for n in range(by)]
    world.database.run(lambda session: append(session, events))


def happened(world: World) -> int:
    """One event more."""
    guild_id = world.guild.id
    world.database.run(lambda session: AuditRepository(session, guild_id).append(Kind.GUILD_STATE, Subject("guild")))
    return 1
