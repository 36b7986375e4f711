"""Orders of operators about what a source calls a game or a player: each needs its parts, and what it names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from dbsbm.core.errors import InputError, NotFoundError
from dbsbm.providers.matching import assign, name_player
from tests.integration.stage import Stage, open_stage


@pytest.fixture(scope="module")
def stage(module_database_url: str) -> Iterator[Stage]:
    stage = open_stage(module_database_url).ready()
    yield stage
    stage.close()


@pytest.mark.parametrize(
    "order",
    [{}, {"event": "401", "by": "opal"}, {"event": "401", "game": "chiefs", "by": "opal"}, {"event": "1", "game": 5}],
)
def test_a_match_needs_an_event_a_game_and_who_says_so(stage: Stage, order: dict[str, Any]) -> None:
    with pytest.raises(InputError) as refused:
        assign(stage.environment, "espn", order)
    assert refused.value.problem == "needs event, game and by"


def test_a_match_of_an_event_that_is_not_known_says_so(stage: Stage) -> None:
    game_id = stage.rows("SELECT game_id FROM games")[0]["game_id"]
    with pytest.raises(NotFoundError):
        assign(stage.environment, "espn", {"event": "401", "game": game_id, "by": "opal"})
    assert stage.count("source_events") == 0


def test_a_players_other_name_needs_its_five_parts(stage: Stage) -> None:
    whole = {"provider": "espn", "league": "nfl", "player": "Patrick Mahomes", "name": "P. Mahomes", "by": "opal"}
    for part in whole:
        with pytest.raises(InputError) as refused:
            name_player(stage.environment, {key: value for key, value in whole.items() if key != part})
        assert refused.value.problem == f"needs {part}"
    assert name_player(stage.environment, whole) == {"v": 1, "player": "Patrick Mahomes", "games": 0}
