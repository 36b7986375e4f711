"""``routes.json``: generated from the definitions, read by the front door."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from dbsbm import commands
from dbsbm.discord import routes
from dbsbm.discord.custom_id import MAX_LENGTH, build, fits, kind_of, split
from dbsbm.discord.definitions import (
    REGISTRY,
    AutocompleteRoute,
    CommandRoute,
    ComponentRoute,
    ModalRoute,
    Registry,
    Result,
    Who,
)
from infra.catalog import CATALOG
from local import generate


class Page(StrEnum):
    NEXT = "next"
    BACK = "back"


def _never(*_: Any) -> Result:
    raise AssertionError("not called here")


def _registry() -> Registry:
    registry = Registry()
    registry.commands["capper add"] = CommandRoute(
        "capper add", "Add", (), Who.ADMIN, "inline", "command_guild", _never
    )
    registry.components["turn"] = ComponentRoute(
        "turn", (int, Page, str), Who.MEMBER, "inline", "update", "command_stats", _never
    )
    registry.modals["typed"] = ModalRoute("typed", (int,), Who.CAPPER, "deferred", "message", "command_betting", _never)
    registry.autocompletes["bet", "pick"] = AutocompleteRoute("bet", "pick", "command_betting", lambda ctx, typed: [])
    registry.static_modals["new_bet"] = {"custom_id": "v1:typed", "title": "New bet", "components": []}
    return registry


def test_what_is_generated_is_what_is_read() -> None:
    document = generate.routes_document(_registry())
    table = routes.read(json.loads(generate.text_of(document)))
    assert table.commands["capper add"] == routes.Route("capper add", "command_guild")
    turn = table.components["turn"]
    assert (turn.function, turn.answers, turn.args) == ("command_stats", "update", ["int", ["next", "back"], "str"])
    assert fits(split(build("turn", 5, Page.NEXT, "a:b"))[1], turn.args)
    assert not fits(split(build("turn", 5, "last", "a:b"))[1], turn.args)
    assert table.modals["typed"].mode == "deferred"
    assert table.autocomplete["bet.pick"].function == "command_betting"
    modal = table.components["new_bet"]
    assert (modal.mode, modal.modal) == ("static", _registry().static_modals["new_bet"])


def test_the_text_does_not_depend_on_the_order_of_definition() -> None:
    registry, turned = _registry(), _registry()
    other = CommandRoute("bet", "Bet", (), Who.CAPPER, "inline", "command_betting", _never)
    registry.commands["bet"] = other
    turned.commands = {"bet": other, **turned.commands}
    first, second = (generate.text_of(generate.routes_document(each)) for each in (registry, turned))
    assert first == second


def test_what_cannot_work_is_not_generated() -> None:
    registry = _registry()
    registry.static_modals["turn"] = {}
    with pytest.raises(ValueError, match="turn"):
        generate.routes_document(registry)
    registry = _registry()
    registry.components["edit"] = ComponentRoute("edit", (), Who.CAPPER, "deferred", "modal", "f", _never)
    with pytest.raises(ValueError, match="cannot be deferred"):
        generate.routes_document(registry)


@pytest.mark.parametrize("name", [generate.ROUTES, Path("docs/commands.md")])
def test_the_check_tells_a_stale_file(tmp_path: Path, name: Path) -> None:
    for folder in (generate.ROUTES.parent, Path("docs")):
        (tmp_path / folder).mkdir(parents=True)
    assert generate.main(["--check"], tmp_path) == 1
    assert generate.main([], tmp_path) == 0
    assert generate.main(["--check"], tmp_path) == 0
    (tmp_path / name).write_text((tmp_path / name).read_text() + "\n")
    assert generate.main(["--check"], tmp_path) == 1


def test_another_version_of_the_file_is_refused() -> None:
    with pytest.raises(ValueError, match="version"):
        routes.read({"v": 2})


def test_every_route_of_the_product_leads_to_a_function_that_the_front_door_may_invoke() -> None:
    commands.load()
    table = routes.read(generate.routes_document(REGISTRY))
    permitted = {permit.resource.name for permit in CATALOG.function("interactions").permits}
    every = [route for rows in table for route in rows.values() if route.mode != "static"]
    assert every
    assert {route.function for route in every} <= permitted


def test_every_custom_id_of_the_product_with_ids_alone_fits_discords_limit() -> None:
    commands.load()
    for table in (REGISTRY.components, REGISTRY.modals):
        for name, route in table.items():
            kinds = [kind_of(argument) for argument in route.args]
            longest = [2**63 - 1 if kind == "int" else max(kind, key=len) for kind in kinds if kind != "str"]
            assert len(build(name, *longest)) <= MAX_LENGTH
