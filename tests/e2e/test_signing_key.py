"""The audit log goes on under a new signing key; what the one before signed is still believed, and nobody else's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from dbsbm.audit import tree
from dbsbm.audit.checkpoint import key_id, note, parsed, written
from dbsbm.audit.log.repository import LogRepository
from dbsbm.audit.signer import CHECKPOINTS, RewrittenError, Signer
from dbsbm.core.bucket import Bucket
from dbsbm.core.http import HttpRequest, HttpResponse
from local.cloud.aws import call
from tests.e2e.test_audit import file_of, hide_newest, posted, proven, sealed
from tests.e2e.world import PUBLIC_URL, World, distinct_pick, opened

ALIAS = "alias/dbsbm-local-audit"


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url) as world:
        yield world.set_up()


def _move_to_a_new_key(world: World) -> None:
    aws = world.cloud._backend.aws()
    made = call(aws, "kms", "CreateKey", KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    call(aws, "kms", "UpdateAlias", AliasName=ALIAS, TargetKeyId=made["KeyMetadata"]["KeyId"])


def _key(said: str) -> str:
    return said.partition("key ")[2].split()[0]


def test_checkpoints_continue_under_a_new_key_and_both_verify(world: World, tmp_path: Path) -> None:
    number = posted(world)
    sealed(world)
    older = file_of(world.settled(world.bob.slash("verify", bet=number)))
    before = _key(proven(tmp_path, older))
    _move_to_a_new_key(world)
    assert sealed(world)["signed"] > 0  # nothing new to sign: the note of the key before is taken as it is
    posted(world, distinct_pick(7))
    ran = sealed(world)
    assert ran["signed"] == ran["size"]
    assert world.cloud.invoke("job_audit_check", {})["checked"] == ran["size"]
    newer = file_of(world.settled(world.bob.slash("verify", bet=number, since=int(older["checkpoint"].split("\n")[1]))))
    after = _key(proven(tmp_path, newer))
    assert before != after
    assert "nothing among the first" in proven(tmp_path, newer, older)
    assert proven(tmp_path, older, None, before).endswith("\nPROVEN\n")
    assert f"NOT PROVEN: signed with key {before}" in proven(tmp_path, newer, older, after)
    assert proven(tmp_path, newer, older, after, before).endswith("\nPROVEN\n")
    keys = json.loads(head(world).body)["keys"]
    assert {key["id"] for key in keys} == {before, after}
    assert (keys[0]["until"], keys[1]["until"]) == (keys[1]["since"], None)
    assert proven(tmp_path, newer, older, *(key["sha256"] for key in keys)).endswith("\nPROVEN\n")


def head(world: World) -> HttpResponse:
    """What everybody sees of the log."""
    return world.cloud.http(HttpRequest("GET", f"{PUBLIC_URL}/log", {}, b""))


def test_a_log_written_anew_under_a_key_of_ones_own_proves_itself_but_its_key_is_not_shown(
    world: World, tmp_path: Path
) -> None:
    """Whoever has the database can sign all of it anew; the page is read from where they cannot write."""
    number = posted(world)
    size = sealed(world)["signed"]
    with world.database.read() as session:
        root = tree.root(LogRepository(session).tile, size)
        origin = head_note(world).splitlines()[0]
    own = ec.generate_private_key(ec.SECP256R1())
    public = own.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    made = written(origin, size, root, world.clock.now())
    forged = note(made, public, own.sign(made.text.encode(), ec.ECDSA(SHA256())))
    sql = "UPDATE audit_checkpoints SET note = %s, public_key = %s"
    world.database.run(lambda session: session.execute(sql, (forged, public)))
    shown = world.settled(world.bob.slash("verify", bet=number))
    assert f"{PUBLIC_URL}/log" in shown.text
    document = file_of(shown)
    assert proven(tmp_path, document).endswith("\nPROVEN\n")
    [key] = json.loads(head(world).body)["keys"]
    assert key["id"] not in shown.text
    assert "NOT PROVEN: signed with key" in proven(tmp_path, document, None, key["sha256"])


def test_the_page_says_nothing_where_the_last_checkpoint_was_deleted(world: World) -> None:
    empty = head(world)
    assert (empty.status, json.loads(empty.body)) == (200, {"checkpoint": None, "keys": []})
    posted(world)
    sealed(world)
    assert head_note(world) == world.rows("SELECT note FROM audit_checkpoints")[0]["note"]
    hide_newest(world)
    gone = head(world)
    assert (gone.status, gone.headers["cache-control"]) == (503, "no-store")


def head_note(world: World) -> str:
    return str(json.loads(head(world).body)["checkpoint"])


class _Key:
    """A key whose signatures are nobody's."""

    def public(self) -> bytes:
        return b"another key"

    def sign(self, message: bytes) -> bytes:
        return b"nothing" + message[:1]


class _Locked(Bucket):
    """A locked bucket whose last note names a key that lies nowhere."""

    def __init__(self, forged: str) -> None:
        self._forged = forged

    def first_version(self, prefix: str) -> tuple[str, bool] | None:
        return f"{prefix}1", False

    def get(self, key: str) -> bytes | None:
        return self._forged.encode() if key.startswith(CHECKPOINTS) else None


def test_a_note_of_a_key_that_the_signer_never_had_is_not_believed(world: World) -> None:
    posted(world)
    sealed(world)
    signed = world.rows("SELECT note FROM audit_checkpoints")[0]["note"]
    origin = signed.splitlines()[0]
    forged = note(parsed(signed, origin), b"a stranger's key", b"signature")
    locked = _Locked(forged)
    signer = Signer(tiles=locked, locked=locked, key=_Key(), origin=origin, now=world.clock.now)
    with pytest.raises(RewrittenError, match="the last checkpoint"):
        signer.last()
    assert key_id(b"a stranger's key") != key_id(b"another key")
