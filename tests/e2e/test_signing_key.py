"""The audit log goes on under a new signing key; what the one before signed is still believed, and nobody else's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dbsbm.audit.checkpoint import key_id, note, parsed
from dbsbm.audit.signer import CHECKPOINTS, RewrittenError, Signer
from dbsbm.core.bucket import Bucket
from local.cloud.aws import call
from tests.e2e.test_audit import file_of, posted, proven, sealed
from tests.e2e.world import World, distinct_pick, opened

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
    assert "PROVEN" in proven(tmp_path, older, key=before)


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
