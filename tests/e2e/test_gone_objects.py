"""An object that is gone is told apart from a right that is lost: each function goes on, or says what is missing.

S3 answers 403 for a missing object to whoever may not list its bucket; the roles let those list who read.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dbsbm.audit.sequencer import PENDING
from dbsbm.core.bucket import Bucket
from dbsbm.core.http import HttpRequest
from dbsbm.keys.ring import CACHED
from local.cloud import FunctionError
from local.cloud.aws import call, headers
from local.cloud.execution import Names
from tests.e2e.test_audit import posted as bet_of
from tests.e2e.test_audit import sealed as sequenced
from tests.e2e.test_compliance import guarded, judged
from tests.e2e.test_imports import balance, rows, sent
from tests.e2e.test_sealed_notes import REASONS, posted, stamped
from tests.e2e.test_sealed_words import bucket
from tests.e2e.test_settlement import automatic
from tests.e2e.world import QUIET, World, on_schedule, opened

pytestmark = pytest.mark.slow


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url, catalog=QUIET) as world:
        yield world.set_up()


def lost(of: Bucket, prefix: str) -> int:
    """Every version of every object whose key begins so, taken away for good; how many there were."""
    found = list(of.versions(prefix))
    for version in found:
        of.remove_version(version)
    return len(found)


def hidden(world: World, name: str, key: str) -> None:
    """Deleted as anybody deletes: a marker stands before every version, and S3 says that there is none."""
    url = f"http://127.0.0.1/{Names().of(name)}/{key}"
    assert world.cloud.aws(HttpRequest("DELETE", url, headers("s3"))).status == 204


def forgotten(world: World) -> None:
    """What environments keep of keys is over."""
    world.cloud.advance(CACHED.total_seconds() + 1)


def test_a_slip_whose_key_is_gone_is_shown_and_graded_without_its_words(world: World) -> None:
    automatic(world)
    slip = posted(world)
    assert REASONS in slip.by(world.bob).click("Details").text
    assert lost(bucket(world), "keys/") > 0
    forgotten(world)
    shown = slip.by(world.bob).click("Details")
    assert "Chiefs" in shown.text
    assert REASONS not in shown.text
    proof = world.settled(shown.click("Verify")).text
    assert "what was sealed" in proof
    assert REASONS not in stamped(world).text


def test_a_file_is_imported_under_a_key_that_is_read_again_or_was_destroyed(world: World) -> None:
    world.settled(sent(world, world.ann, rows(3)).click("Import 3 bets"))
    forgotten(world)
    world.settled(sent(world, world.ann, rows(3, first=3)).click("Import 3 bets"))
    assert lost(bucket(world), "keys/") > 0
    forgotten(world)
    world.settled(sent(world, world.ann, rows(3, first=6)).click("Import 3 bets"))
    assert balance(world) == (9, 9_000_000)


def test_a_bucket_of_the_audit_log_that_lost_an_object_is_filled_or_named(world: World) -> None:
    bet_of(world)
    size = sequenced(world)["size"]
    kept, locked = bucket(world, "audit"), bucket(world, "checkpoints")
    assert lost(kept, "tile/0/") > 0
    found = world.cloud.invoke("job_audit_check", {})
    assert found["where"] == "bucket tile 0/0"
    assert lost(kept, PENDING) == 1
    world.ann.slash("bet", pick="raiders +3 -110 1u").click("Post")
    again = sequenced(world)
    assert again["published"] == again["signed"] > size
    assert world.cloud.invoke("job_audit_check", {}) == {"v": 1, "checked": again["size"]}
    [public] = {version.key for version in locked.versions("key/")}
    hidden(world, "checkpoints", public)
    assert world.cloud.invoke("job_audit_check", {})["where"] == f"checkpoint {again['size']}"


def test_the_signer_stops_when_the_key_before_its_own_is_hidden(world: World) -> None:
    """A new generation of the key signs on only what the one before it signed."""
    bet_of(world)
    size = sequenced(world)["signed"]
    [before] = {version.key for version in bucket(world, "checkpoints").versions("key/")}
    made = call(world.cloud.aws, "kms", "CreateKey", KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    alias = f"alias/{Names().of('audit')}"
    call(world.cloud.aws, "kms", "UpdateAlias", AliasName=alias, TargetKeyId=made["KeyMetadata"]["KeyId"])
    hidden(world, "checkpoints", before)
    world.ann.slash("bet", pick="raiders +3 -110 1u").click("Post")
    assert sequenced(world)["signed"] == size
    with pytest.raises(FunctionError, match="RewrittenError"):
        world.cloud.invoke("job_audit_sign", {})


def test_evidence_and_reports_that_are_gone_are_said_to_be(database_url: str) -> None:
    more = {"FLAGS_BUCKET": "dbsbm-local-flags"}
    with opened(database_url, more=more, catalog=on_schedule(delivery="rate(1 hour)")) as world:
        world.set_up()
        opal, kept = world.simulator.person("opal"), bucket(world, "evidence")
        guarded(world, report="monthly")
        [report] = opal.autocomplete("report get", "report", "monthly")
        for key in {version.key for version in kept.versions("reports/")}:
            hidden(world, "evidence", key)
        told = world.settled(opal.slash("report get", report=report.value, format="pdf"))
        assert told.images == []
        [run] = world.rows("SELECT run_id FROM compliance_runs ORDER BY run_id DESC LIMIT 1")
        hidden(world, "evidence", f"runs/{run['run_id']}.json")
        with pytest.raises(FunctionError, match="evidence"):
            world.cloud.invoke("job_compliance", {"v": 1, "again": str(run["run_id"])})
        guarded(world, run=True)
        assert judged(world, "evidence-whole") == "not-satisfied"
