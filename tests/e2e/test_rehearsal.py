"""A new version takes over in the local cloud, is kept out by its check, or goes back on an alarm; and history."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from nacl.bindings import crypto_sign_seed_keypair

from infra.catalog import COMMAND_FAMILIES, SHIFTED
from local.cloud import Cloud, CloudError
from local.cloud.execution import ACCESS_KEY, REGION, ROOT, SECRET_KEY
from local.cloud.release import FIRST, SECOND
from local.deploy.history import History
from local.rehearsal import ALARMS, Rehearsed, rehearse
from tests.e2e.processes import opened_in_processes
from tests.e2e.world import World

pytestmark = pytest.mark.slow
SEED = bytes(range(32))
CANARY = {
    "CANARY_KEY": base64.b64encode(SEED).decode(),
    "CANARY_PUBLIC_KEY": crypto_sign_seed_keypair(SEED)[0].hex(),
    "CANARY_GUILD_ID": "900000000000000001",
}
Change = Callable[[Path], None]
Figure = Callable[[str], None]
ONLY_PEOPLE = """
_sound = handler


def handler(event, context):
    if event["route"] != "before-traffic":
        raise RuntimeError("the new version")
    return _sound(event, context)
"""


@pytest.fixture
def world(database_url: str, redis_url: str) -> Iterator[World]:
    with opened_in_processes(database_url, redis_url, CANARY) as world:
        yield world


def version(tmp_path: Path, change: Change | None = None) -> Path:
    """The functions as they are, with a change."""
    target = tmp_path / "functions"
    shutil.copytree(ROOT / "functions", target, ignore=shutil.ignore_patterns("__pycache__"))
    if change:
        change(target)
    return target


def people(world: World, most: int = 25) -> Callable[[], None]:
    """What people do in a minute."""

    def traffic() -> None:
        for _ in range(most):
            world.olga.slash("tier")

    return traffic


def history(world: World) -> History:
    client = boto3.client(
        "s3", REGION, endpoint_url=world.cloud.endpoint, aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY,
        config=Config(s3={"addressing_style": "path"}),
    )  # fmt: skip
    return History(client, world.cloud.names.of("deployments"))


def test_two_versions_side_by_side_and_the_way_back(world: World, tmp_path: Path, figure: Figure) -> None:
    figure(_told("a sound version", _takes_over(world, version(tmp_path / "sound"))))
    figure(_told("one that fails people", _goes_back(world, version(tmp_path / "broken", _fails_people))))


def _told(what: str, done: Rehearsed) -> str:
    calls = ", ".join(f"version {each}: {done.calls[each]} calls, {done.failed[each]} failed" for each in done.calls)
    after = f", {done.alarm} in minute {done.minutes}" if done.alarm else ""
    return f"shift rehearsed, {what}: {done.outcome}{after}; {calls}"


def _takes_over(world: World, functions: Path) -> Rehearsed:
    """A sound version gets a tenth, then all, and people notice nothing."""
    done = rehearse(world.cloud, functions, people(world, 12))
    assert (done.outcome, done.minutes, done.alarm) == ("succeeded", 5, "")
    assert 0 < done.calls[SECOND] < done.calls[FIRST]
    assert done.failed == {FIRST: 0, SECOND: 0}
    before = len(world.cloud.invocations("interactions"))
    people(world, 3)()
    assert {call.version for call in world.cloud.invocations("interactions")[before:]} == {SECOND}
    history(world).add(done.entry(world.cloud, "a" * 40))
    return done


def _fails_people(functions: Path) -> None:
    for name in COMMAND_FAMILIES:
        handler = functions / name / "handler.py"
        handler.write_text(handler.read_text() + ONLY_PEOPLE)


def _goes_back(world: World, functions: Path) -> Rehearsed:
    """One that passes its check and fails people goes back on an alarm, and history says so."""
    done = rehearse(world.cloud, functions, people(world))
    assert done.outcome == "rolled back"
    assert done.alarm in ALARMS
    assert done.failed[SECOND] > 0
    assert done.failed[FIRST] == 0
    before = len(world.cloud.invocations("command_guild"))
    people(world, 5)()
    after = world.cloud.invocations("command_guild")[before:]
    assert {call.version for call in after} == {FIRST}
    assert not [call for call in after if call.failed]
    history(world).add(done.entry(world.cloud, "b" * 40))
    newest, first = history(world).latest(2)
    assert (newest.outcome, newest.commit, newest.versions["interactions"]) == ("rolled back", "b" * 40, FIRST)
    assert [step.name for step in newest.steps] == ["check", "shift"]
    assert done.alarm in newest.steps[-1].detail
    assert (first.outcome, set(first.versions)) == ("succeeded", set(SHIFTED))
    return done


def _takes_any_signature(functions: Path) -> None:
    door = functions / "interactions/front_door.py"
    opened = "body, narrow = self._opened(event, now)"
    assert opened in door.read_text()
    door.write_text(door.read_text().replace(opened, 'body, narrow = event["body"].encode(), False'))


def _cannot_be_loaded(functions: Path) -> None:
    (functions / "delivery/handler.py").write_text("import nothing_of_that_name\n")


def test_a_version_that_fails_its_check_never_sees_anybody(world: World, tmp_path: Path) -> None:
    for change, said in (
        (_takes_any_signature, "interactions: a request with a bad signature was not refused"),
        (_cannot_be_loaded, "delivery: bucket: Runtime.ImportModuleError"),
    ):
        done = rehearse(world.cloud, version(tmp_path / change.__name__, change), people(world))
        assert done.outcome == "stopped before traffic"
        assert said in done.steps[0].detail
        before = len(world.cloud.invocations("interactions"))
        people(world, 2)()
        assert {call.version for call in world.cloud.invocations("interactions")[before:]} == {FIRST}


def test_one_interpreter_has_no_two_versions() -> None:
    with Cloud() as cloud, pytest.raises(CloudError, match="use processes"):
        cloud.release(ROOT / "functions")
