"""The page of costs is what the templates cost, and no resource is without a price."""

from __future__ import annotations

import pytest

from infra.cost import Book, Line, UnpricedError, lines
from local.run.cost import PAGE, document
from tests.infra.conftest import Assembly

pytestmark = pytest.mark.xdist_group("synth")
BOOK = Book.read()


def _total(found: list[Line]) -> float:
    return sum(line.usd for line in found)


@pytest.mark.usefixtures("assembly")
def test_the_page_of_costs_is_up_to_date() -> None:
    assert PAGE.read_text() == document(), "docs/cost.md is stale: ./dev cost --write"


@pytest.mark.parametrize("prefix", ["dbsbm-dev", "dbsbm-staging", "dbsbm-prod", "grown", "aurora", "small"])
def test_every_choice_has_a_price_and_use_makes_it_dearer(assembly: Assembly, prefix: str) -> None:
    resources = assembly.together(prefix)
    idle, used = (lines(resources, BOOK, commands=commands) for commands in (0, 100_000))
    assert 20 < _total(idle) < _total(used)


def test_what_people_choose_to_grow_costs_more(assembly: Assembly) -> None:
    small, prod, grown = (
        _total(lines(assembly.together(p), BOOK, commands=0)) for p in ("small", "dbsbm-prod", "grown")
    )
    assert small < prod < grown


def test_a_resource_nobody_priced_is_named() -> None:
    function = {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": "interactions", "MemorySize": 1}}
    others = {name: {**function, "Properties": {"FunctionName": name, "MemorySize": 1}}
              for name in ("command_betting", "delivery")}  # fmt: skip
    resources = {"front": function, **others, "new": {"Type": "AWS::Redshift::Cluster", "Properties": {}}}
    with pytest.raises(UnpricedError, match="AWS::Redshift::Cluster"):
        lines(resources, BOOK, commands=0)


def test_a_million_requests_cost_what_the_price_list_says(assembly: Assembly) -> None:
    found = {line.what: line.usd for line in lines(assembly.together("dbsbm-prod"), BOOK, commands=500_000)}
    assert found["HTTP API"] == pytest.approx(1.00)
    assert found["database"] == pytest.approx(2 * 0.032 * 730)
