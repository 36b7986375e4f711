"""An erased person is taken out by name where they had it, and not out of words of sports."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dbsbm.privacy.erasure.redaction import Person
from tests.e2e.test_privacy import erased
from tests.e2e.world import QUIET, World, opened

pytestmark = pytest.mark.slow
ELSEWHERE = 777


def waiting(world: World, number: int, guild_id: int, content: Any) -> None:
    with world.database.transaction() as session:
        session.execute(
            "INSERT INTO outbox (id, guild_id, kind, target_key, seq, target, content, images, state, next_attempt_at, "
            "created_at) VALUES (%s, %s, 'message.post', %s, 1, '{}', %s, '[]', 'pending', '2030-01-01', %s)",
            (f"told:{number}", guild_id, f"told:{number}", json.dumps(content), world.clock.now()),
        )
        session.execute(
            "INSERT INTO interactions (interaction_id, guild_id, user_id, route, claimed_at, reply) "
            "VALUES (%s, %s, 5, 'x', %s, %s)",
            (number, guild_id, world.clock.now(), json.dumps(content)),
        )


def test_a_name_is_taken_out_where_it_was_theirs_alone(database_url: str) -> None:
    with opened(database_url, catalog=QUIET) as world:
        world.set_up()
        with world.database.transaction() as session:
            session.execute("UPDATE cappers SET display_name = 'Chiefs' WHERE user_id = %s", (world.ann.user_id,))
        said = {"text": "Chiefs won", "pick": "Chiefs -3", "by": f"<@{world.ann.user_id}>"}
        for number, guild_id in enumerate((world.guild.id, ELSEWHERE), start=1):
            waiting(world, number, guild_id, said)
        erased(world)
        own, other = (
            {"text": "former member won", "pick": "Chiefs -3", "by": "former member"},
            {"text": "Chiefs won", "pick": "Chiefs -3", "by": "former member"},
        )
        posts = world.rows("SELECT content FROM outbox WHERE id LIKE 'told:%%' ORDER BY id")
        replies = world.rows("SELECT reply FROM interactions WHERE interaction_id < 9 ORDER BY interaction_id")
        assert [json.loads(row["content"]) for row in posts] == [own, other]
        assert [json.loads(row["reply"]) for row in replies] == [own, other]


def test_words_of_sports_stay_what_they_are() -> None:
    person = Person(8, ("nfl", "Chiefs", "won"), "Former capper #1", 1)
    stored = {
        "cappers": [{"name": "nfl", "capper_id": 8}],
        "legs": [{"league": "nfl", "pick": "Chiefs -3", "matchup": "Chiefs @ Raiders", "grade": "won"}],
    }
    assert json.loads(person.redacted(json.dumps(stored))) == {
        "cappers": [{"name": "Former capper #1", "capper_id": 1}],
        "legs": stored["legs"],
    }
