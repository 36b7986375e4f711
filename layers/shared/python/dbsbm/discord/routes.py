"""Where each interaction goes: ``routes.json``, generated from the commands' definitions.

On the front door's path: imports nothing of ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from json import loads
from os.path import dirname, join
from typing import Any, NamedTuple

PATH = join(dirname(__file__), "routes.json")  # noqa: PTH118, PTH120 — pathlib costs the cold start 3 ms


class Route(NamedTuple):
    """One row. ``args`` as in ``custom_id.fits``; ``modal`` only with mode ``static``."""

    name: str
    function: str
    mode: str = "inline"
    answers: str = "message"
    args: Sequence[str | Sequence[str]] = ()
    modal: Mapping[str, Any] | None = None


class Routes(NamedTuple):
    """The whole table: commands by path ("capper add"), components and modals by route, autocomplete by "bet.pick"."""

    commands: Mapping[str, Route]
    components: Mapping[str, Route]
    modals: Mapping[str, Route]
    autocomplete: Mapping[str, Route]


def load(path: str = PATH) -> Routes:
    """Read the generated file."""
    with open(path, encoding="utf-8") as file:  # noqa: PTH123
        return read(loads(file.read()))


def read(document: Mapping[str, Any]) -> Routes:
    """The table of a parsed ``routes.json``.

    Raises
    ------
    ValueError
        When the document is of another version.
    """
    if document.get("v") != 1:
        raise ValueError(f"routes.json: version {document.get('v')!r}, 1 expected")
    return Routes(*(_table(document[kind]) for kind in Routes._fields))


def _table(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, Route]:
    return {name: Route(name, row.get("function", ""), *_rest(row)) for name, row in rows.items()}


def _rest(row: Mapping[str, Any]) -> tuple[str, str, Sequence[str | Sequence[str]], Mapping[str, Any] | None]:
    return row.get("mode", "inline"), row.get("answers", "message"), row.get("args", ()), row.get("modal")
