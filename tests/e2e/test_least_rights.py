"""The product lives on the rights of its own account: rows and nothing else, over TLS alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from dbsbm.accounts.model import APP
from infra.catalog import CATALOG, Ref, Schedule
from local.cloud import FunctionError
from tests.e2e.world import NOW, World, after, opened
from tests.life import Server, born

DENIED = ("command denied", "Access denied", "access denied", "denied to user")
AS_APP = [each for each in CATALOG.functions if each.environment.get("DATABASE_URL") == Ref("setting", "DATABASE_URL")]
SOON = NOW + timedelta(minutes=3)


@pytest.fixture(scope="module")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with born(tmp_path_factory.mktemp("least")) as running:
        yield running


@pytest.fixture
def world(mariadb: Server) -> Iterator[World]:
    more = {"DATABASE_CHECK_URL": mariadb.settings()["DATABASE_CHECK_URL"]}
    with opened(mariadb.url(APP, "app-password"), more=more) as made:
        yield made.set_up(starts_at=SOON)


def test_an_evening_and_every_job_need_no_right_that_the_account_lacks(world: World, figure: Any) -> None:
    world.settled(world.ann.slash("bet", pick="chiefs -3 -110 2u").click("Post"))
    after(world, seconds=(SOON - world.clock.now()).total_seconds() + 1)
    world.settled(world.slips(world.gina)[-1].by(world.gina).click("⋯").click("Won"))
    for words in ("stats", "leaderboard", "privacy export"):
        world.settled(world.ann.slash(words))
    jobs = [each.name for each in AS_APP if any(isinstance(trigger, Schedule) for trigger in each.triggers)]
    for name in jobs:
        with suppress(FunctionError):  # one that needs a provider or a secret may fail, but not for a right
            world.cloud.invoke(name, {})
    world.cloud.run_until_idle()
    tried = world.cloud.invoke("job_restore_check", {})
    assert tried["done"] == tried["tables"] > 50
    said = json.dumps([world.cloud.logs(each.name) for each in CATALOG.functions])
    assert [words for words in DENIED if words in said] == []
    assert world.rows("SELECT COUNT(*) AS n FROM ledger_entries")[0]["n"] == 1
    figure(f"{len(jobs)} jobs and an evening of people as {APP}: nothing denied")


@pytest.mark.usefixtures("world")
def test_the_functions_that_sign_in_as_somebody_else_are_few() -> None:
    others = {each.name for each in CATALOG.functions if "DATABASE_URL" in each.environment} - {e.name for e in AS_APP}
    assert others == {"database_migrate", "database_query", "job_restore_check"}
