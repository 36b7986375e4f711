"""Rotations through the functions that Secrets Manager invokes: moto's secrets, a real encrypted MariaDB, kills."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbsbm.core.secrets import Secrets, ring
from dbsbm.core.settings import load
from dbsbm.rotation.errors import UnhealthyError
from dbsbm.rotation.ring import Kept, Ring
from dbsbm.rotation.steps import STEPS, Step
from dbsbm.security.blind_index import BlindIndex
from dbsbm.security.tokens import TokenBox
from infra.catalog import ROTATION_DAYS
from local.cloud import Cloud, Faults, FunctionError
from local.cloud.faults import When
from tests.e2e.world import on_schedule
from tests.life import PREFIX, Server, born, labels, manager, rotate, stage, step, value, version

KINDS = {"token-key": "rotate_generated", "index-key": "rotate_generated", "database-reporting": "rotate_reporting"}


@pytest.fixture(scope="module")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with born(tmp_path_factory.mktemp("rotation")) as running:
        yield running


@pytest.fixture
def cloud(mariadb: Server) -> Iterator[Cloud]:
    with stage(mariadb.settings(), catalog=on_schedule()) as made:
        yield made


def _opens(mariadb: Server, text: str) -> None:
    """What a secret holds is used as its readers do."""
    if text.startswith("{"):
        known = json.loads(text)
        with mariadb.signed_in(known["username"], known["password"]) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM bets")
        return
    box = TokenBox(lambda: text)
    assert box.open(box.seal("a", "b"), "b") == "a"


@pytest.mark.parametrize(("secret", "function"), KINDS.items())
def test_a_rotation_leaves_old_and_new_open(cloud: Cloud, mariadb: Server, secret: str, function: str) -> None:
    rotate(cloud, function, secret, 1)
    for number in (2, 3, 4):
        before = value(cloud, secret)
        rotate(cloud, function, secret, number)
        assert value(cloud, secret) != before
        assert value(cloud, secret, "AWSPREVIOUS") == before
        assert labels(cloud, secret)[version(number)] == {"AWSCURRENT"}
        _opens(mariadb, before)
        _opens(mariadb, value(cloud, secret))


@pytest.mark.parametrize("secret", KINDS)
@pytest.mark.parametrize("name", STEPS)
def test_killed_at_any_crossing_of_any_step_and_resumed(
    cloud: Cloud, mariadb: Server, secret: str, name: Step, figure: Any
) -> None:
    """Before and after each call to AWS and each statement; what was current opens all along."""
    function = KINDS[secret]
    rotate(cloud, function, secret, 1)
    number, killed = 1, 0
    moments: tuple[When, ...] = ("before", "after")
    for when in moments:
        for crossing in range(1, 100):
            number += 1
            before = value(cloud, secret)
            for each in STEPS[: STEPS.index(name)]:
                step(cloud, function, secret, number, each)
            cloud.arm(Faults.kill(crossing=crossing, when=when))
            try:
                step(cloud, function, secret, number, name)
                done = len(cloud.crossings) < crossing
            except FunctionError:
                killed, done = killed + 1, False
            cloud.arm(Faults())
            _opens(mariadb, before)
            _opens(mariadb, value(cloud, secret))
            rotate(cloud, function, secret, number)
            assert labels(cloud, secret)[version(number)] == {"AWSCURRENT"}
            assert value(cloud, secret) != before
            _opens(mariadb, before)
            _opens(mariadb, value(cloud, secret))
            if done:
                break
    figure(f"{secret} {name}: killed {killed} times and resumed, old and new open throughout")
    assert killed


@pytest.mark.parametrize(("secret", "function"), KINDS.items())
def test_each_step_twice_is_as_once(cloud: Cloud, mariadb: Server, secret: str, function: str) -> None:
    rotate(cloud, function, secret, 1)
    held = []
    for name in STEPS:
        step(cloud, function, secret, 2, name)
        first = manager(cloud, "DescribeSecret", secret)["VersionIdsToStages"]
        step(cloud, function, secret, 2, name)
        assert manager(cloud, "DescribeSecret", secret)["VersionIdsToStages"] == first
        held.append(manager(cloud, "GetSecretValue", secret, VersionId=version(2))["SecretString"])
    assert len(set(held)) == 1
    _opens(mariadb, held[0])
    rotate(cloud, function, secret, 2)
    assert value(cloud, secret) == held[0]


@pytest.mark.parametrize(("secret", "function"), KINDS.items())
def test_what_was_never_made_does_not_become_current(cloud: Cloud, secret: str, function: str) -> None:
    rotate(cloud, function, secret, 1)
    for name in STEPS[1:]:
        with pytest.raises(FunctionError, match="rotation"):
            step(cloud, function, secret, 2, name)
    with pytest.raises(FunctionError, match="rotation"):
        cloud.invoke(function, {"SecretId": f"{PREFIX}{secret}", "ClientRequestToken": version(2), "Step": "dance"})
    assert labels(cloud, secret)[version(1)] == {"AWSCURRENT"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": "elsewhere.example"},
        {"port": 3307},
        {"dbname": "mysql"},
        {"username": "root"},
        {"username": "dbsbm_app"},
    ],
)
def test_a_pending_value_for_another_server_or_account_is_refused(cloud: Cloud, wrong: dict[str, Any]) -> None:
    rotate(cloud, "rotate_reporting", "database-reporting", 1)
    current = json.loads(value(cloud, "database-reporting"))
    manager(
        cloud,
        "PutSecretValue",
        "database-reporting",
        ClientRequestToken=version(2),
        SecretString=json.dumps({**current, "username": "dbsbm_report_b", **wrong}),
        VersionStages=["AWSPENDING"],
    )
    for name in STEPS[1:3]:
        with pytest.raises(FunctionError, match="rotation"):
            step(cloud, "rotate_reporting", "database-reporting", 2, name)


def test_the_password_in_use_is_never_changed(cloud: Cloud, mariadb: Server) -> None:
    rotate(cloud, "rotate_reporting", "database-reporting", 1)
    current = value(cloud, "database-reporting")
    wrong = {**json.loads(current), "password": "another"}
    manager(
        cloud,
        "PutSecretValue",
        "database-reporting",
        ClientRequestToken=version(2),
        SecretString=json.dumps(wrong),
        VersionStages=["AWSPENDING"],
    )
    with pytest.raises(FunctionError, match="rotation"):
        step(cloud, "rotate_reporting", "database-reporting", 2, "setSecret")
    _opens(mariadb, current)


def test_no_password_stands_in_any_statement(cloud: Cloud) -> None:
    rotate(cloud, "rotate_reporting", "database-reporting", 1)
    said = [each.detail for each in cloud.crossings if each.kind == "sql"]
    assert any("mysql_native_password" in each for each in said)
    assert json.loads(value(cloud, "database-reporting"))["password"] not in " ".join(said)
    assert json.loads(value(cloud, "database-reporting"))["password"] not in json.dumps(cloud.logs("rotate_reporting"))


@pytest.mark.parametrize("secret", ["token-key", "index-key"])
def test_a_ring_keeps_each_key_for_half_a_year_after_the_next_and_no_longer(cloud: Cloud, secret: str) -> None:
    lengths = []
    for number in range(1, 7):
        rotate(cloud, "rotate_generated", secret, number)
        lengths.append(len(ring(value(cloud, secret))))
        cloud.skip_to(cloud.clock.now() + timedelta(days=ROTATION_DAYS))
    assert lengths == [2, 3, 4, 4, 4, 4]
    for number in range(7, 11):  # in one day: after a leak, and again because somebody was not sure
        rotate(cloud, "rotate_generated", secret, number)
    assert len(ring(value(cloud, secret))) == 7


def test_the_operations_token_keeps_one_before(cloud: Cloud) -> None:
    for number in range(1, 5):
        rotate(cloud, "rotate_generated", "operations-token", number)
    assert len(ring(value(cloud, "operations-token"))) == 2
    assert "@" not in value(cloud, "operations-token")  # people read it


@given(st.lists(st.integers(0, 400), max_size=12), st.integers(1, 200), st.integers(0, 2))
def test_no_key_goes_before_its_time_and_none_stays_much_longer(gaps: list[int], days: int, undated: int) -> None:
    """``undated`` keys were there before keys had days; rings change at any distance."""
    today, made = date(2026, 1, 1), dict[str, date]()
    text = ",".join(base64.b64encode(bytes([9, number]) * 16).decode() for number in range(undated))
    for gap in gaps:
        today += timedelta(days=gap)
        before = ring(text)
        text = Ring(Random(len(made)).randbytes, today, Kept(days=days)).following(text)
        made[ring(text)[0]] = today
        assert ring(text)[1:] == before[: len(ring(text)) - 1]
        for place, key in enumerate(before):
            followed = today if place == 0 else made.get(before[place - 1])
            if followed is not None:
                assert (key in ring(text)) is ((today - followed).days < days)


def test_a_fresh_secret_s_filling_is_no_key() -> None:
    made = Ring(Random(1).randbytes, date(2026, 1, 1)).following("q8;Zx!filled-in-by-cloudformation")
    assert [len(base64.b64decode(key)) for key in ring(made)] == [32]


def test_a_ring_without_the_key_in_use_is_not_taken() -> None:
    strategy = Ring(Random(1).randbytes, date(2026, 1, 1))
    current = strategy.following(None)
    strategy.test(strategy.following(current), current)
    for wrong in (strategy.following(None), "", "not base64", f"{current},{current}"):
        with pytest.raises(UnhealthyError):
            strategy.test(wrong, current)


class _Reader(threading.Thread):
    """Uses a secret without a pause beside whoever has the newest; reads it again, out of ``values``, now and then."""

    def __init__(self, seed: int, use: Callable[[str, str], None], values: list[str]) -> None:
        super().__init__(daemon=True)
        self.stopped, self.uses, self.generation = threading.Event(), 0, 0
        self.failure: Exception | None = None
        self._random, self._use, self._values = Random(seed), use, values

    def run(self) -> None:
        while not self.stopped.is_set() and self.failure is None:
            try:
                self._use(self._values[self.generation], self._values[-1])
                self.uses += 1
            except Exception as error:
                self.failure = error
            if self._random.random() < 0.2:
                self.generation = len(self._values) - 1


def _in_use(cloud: Cloud, mariadb: Server, secret: str) -> Callable[[str, str], None]:
    """What is done with a value that was kept, and with the newest."""

    def sealed(kept: str, newest: str) -> None:
        one, other = TokenBox(lambda: kept, anew=lambda: newest), TokenBox(lambda: newest)
        assert other.open(one.seal("a", "b"), "b") == one.open(other.seal("a", "b"), "b") == "a"

    def named(kept: str, newest: str) -> None:
        one, other = (BlindIndex(lambda value=value: value, cloud.clock) for value in (kept, newest))  # type: ignore[misc]
        assert one.named("a") in other.keyed("a")
        assert other.named("a") in one.keyed("a")

    return {"token-key": sealed, "index-key": named}.get(secret, lambda kept, _: _opens(mariadb, kept))


@pytest.mark.parametrize("secret", KINDS)
def test_under_load_nothing_fails(cloud: Cloud, mariadb: Server, secret: str, figure: Any) -> None:
    """Readers that keep what they read for a while, as environments do, work on through five rotations."""
    function = KINDS[secret]
    rotate(cloud, function, secret, 1)
    current = [value(cloud, secret)]
    readers = [_Reader(seed, _in_use(cloud, mariadb, secret), current) for seed in range(4)]
    for reader in readers:
        reader.start()
    for number in range(2, 7):
        cloud.skip_to(cloud.clock.now() + timedelta(days=80))
        rotate(cloud, function, secret, number)
        current.append(value(cloud, secret))
        # Eighty days are longer than the five minutes after which what is kept is read again.
        while any(reader.generation < len(current) - 1 and reader.is_alive() for reader in readers):
            readers[0].stopped.wait(0.005)
    for reader in readers:
        reader.stopped.set()
        reader.join(30)
    failed = [reader.failure for reader in readers if reader.failure is not None]
    figure(f"{secret}: 5 rotations under load, {sum(each.uses for each in readers)} uses, {len(failed)} failed")
    assert failed == []


def test_kept_secrets_are_read_again_and_survive_an_outage(cloud: Cloud) -> None:
    calls: list[str] = []
    clock = cloud.clock

    def answering(target: str, body: Any) -> dict[str, Any]:
        calls.append(target)
        if len(calls) == 2:
            from dbsbm.core.errors import InvokeError  # noqa: PLC0415

            raise InvokeError("away")
        return {"SecretString": f"value {len(calls)}"}

    secrets = Secrets(load({"TOKEN_KEY_SECRET": "x"}), clock, answering)
    seen = [secrets("token_key"), secrets("token_key")]
    cloud.advance(301)
    seen.append(secrets("token_key"))
    cloud.advance(301)
    seen.append(secrets("token_key"))
    assert seen == ["value 1", "value 1", "value 1", "value 3"]
