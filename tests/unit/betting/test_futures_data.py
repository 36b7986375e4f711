"""The futures' data file, and finishes with dead heats."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dbsbm.betting.catalogue import CatalogueError
from dbsbm.betting.futures import load_futures
from dbsbm.betting.outrights import finished


def test_every_row_is_of_a_league_we_have() -> None:
    assert len(load_futures()) > 20
    assert {each.of for each in load_futures()} == {"team", "player"}


@pytest.mark.parametrize(
    "row",
    [
        {"league": "NFL", "name": "x"},
        {"league": "Q", "name": "x", "of": "team"},
        {"league": "NFL", "name": "x", "of": "q"},
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, row: dict[str, str]) -> None:
    file = tmp_path / "futures.json"
    file.write_text(json.dumps([row]))
    with pytest.raises(CatalogueError):
        load_futures(file)


@pytest.mark.parametrize(
    ("position", "tied", "win", "place"),
    [
        (1, 1, (1, 1), (1, 1)),
        (1, 3, (1, 3), (3, 3)),
        (2, 2, (0, 1), (2, 2)),
        (3, 2, (0, 1), (1, 2)),
        (3, 4, (0, 1), (1, 4)),
        (4, 1, (0, 1), (0, 1)),
    ],
)
def test_ties_share_what_is_left_of_three_places(
    position: int, tied: int, win: tuple[int, int], place: tuple[int, int]
) -> None:
    result = finished(position, tied, 3)
    assert (result.win_share, result.place_share) == (win, place)
