"""Data keys are renewed, their words sealed anew and the old ones destroyed while people read and write on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any

import pytest

from dbsbm.database.database import Database
from dbsbm.database.session import Session
from dbsbm.keys.words import CASE, SealedWords
from tests.e2e.test_sealed_words import SOON, keyed
from tests.e2e.world import World, on_schedule, opened

pytestmark = pytest.mark.slow
PEOPLE, PERIODS = range(1, 21), 2


def text_of(user_id: int) -> str:
    return f"{user_id} never threw that ball"


def written(session: Session, guild_id: int, user_id: int, number: int) -> None:
    SealedWords(session, guild_id).put(CASE, user_id, number, user_id, {"said": text_of(user_id)})


class Person(threading.Thread):
    """Reads what people wrote, and every tenth time writes a line more; each has a keyring's memory of its own."""

    def __init__(self, seed: int, database: Database, guild_id: int) -> None:
        super().__init__(daemon=True)
        self.stopped, self.reads, self.failed = threading.Event(), 0, list[str]()
        self._random, self._database, self._guild_id, self._seed = Random(seed), database, guild_id, seed

    def run(self) -> None:
        while not self.stopped.is_set():
            user_id = self._random.choice(PEOPLE)
            try:
                with self._database.read() as session:
                    found = SealedWords(session, self._guild_id).of(CASE, user_id)
                if not found or any(words != {"said": text_of(user_id)} for words in found.values()):
                    self.failed.append(f"{user_id}: {found}")
                if self._random.random() < 0.1:
                    number = 2 + self._seed + 10 * self.reads
                    self._database.run(partial(written, guild_id=self._guild_id, user_id=user_id, number=number))
            except Exception as error:
                self.failed.append(repr(error))
            self.reads += 1
        self._database.close()


def test_nobody_notices_that_keys_are_changed(
    database_url: str, figure: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dbsbm.keys.rotation.BATCH", 5)
    with opened(database_url, catalog=on_schedule()) as world:
        world.set_up(SOON)
        writer = keyed(world, database_url)
        for user_id in PEOPLE:
            writer.run(partial(written, guild_id=world.guild.id, user_id=user_id, number=1))
        people = [Person(seed, keyed(world, database_url), world.guild.id) for seed in range(3)]
        for person in people:
            person.start()
        done = [run(world, **later) for later in [{"days": 81}, *[{"hours": 1}] * 2, {"days": 46}] * PERIODS]
        for person in people:
            person.stopped.set()
            person.join(30)
        assert [each for person in people for each in person.failed] == []
        assert len({bytes(row["kid"]) for row in world.rows("SELECT kid FROM sealed_words")}) <= 2 * len(PEOPLE)
        total = {what: sum(each[what] for each in done) for what in ("renewed", "resealed", "destroyed", "broken")}
        assert total["renewed"] >= PERIODS * len(PEOPLE)
        assert total["destroyed"] >= (PERIODS - 1) * len(PEOPLE)
        assert total["broken"] == 0
        figure(f"data keys: {total} while people read {sum(person.reads for person in people)} times, 0 failed")


def run(world: World, **later: float) -> dict[str, Any]:
    """What a run of the job did; meanwhile everybody reads on."""
    world.clock.sleep(timedelta(**later).total_seconds())
    done: dict[str, Any] = world.cloud.invoke("job_keys", {})["done"]
    return done
