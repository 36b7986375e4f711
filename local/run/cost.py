"""``./dev cost``: what a month costs with nobody and with 100,000 commands, for both doors out.

``docs/cost.md`` is what ``--write`` makes of it; a test says when it is stale.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from infra.cost import Book, Line, lines
from local.servers import ROOT

PAGE = ROOT / "docs" / "cost.md"
STAGES = ("dev", "prod")
DOORS = ("instance", "gateway")
COMMANDS = (0, 100_000)


def run(arguments: argparse.Namespace) -> int:
    text = document()
    if arguments.write:
        PAGE.write_text(text)
    print(text)
    return 0


def document() -> str:
    """The page, from templates synthesized now."""
    book = Book.read()
    parts = [_HEAD.format(noted=book.noted, region=book.region)]
    preview = import_module("infra.cdk.preview")  # the CDK takes seconds to import, and needs Node
    found = preview.resources({f"{stage}-{door}": (stage, {"egress": door}) for stage in STAGES for door in DOORS})
    for stage in STAGES:
        resources = {door: found[f"{stage}-{door}"] for door in DOORS}
        parts.append(f"## {stage}\n\n" + _table(resources, book))
    assumed = "\n".join(f"| `{name}` | {value:g} |" for name, value in book.assumed.items())
    parts.append(_ASSUMED.format(rows=assumed))
    return "\n".join(parts)


def _table(resources: Mapping[str, Mapping[str, Any]], book: Book) -> str:
    columns = {(door, commands): lines(resources[door], book, commands=commands)
               for door in DOORS for commands in COMMANDS}  # fmt: skip
    names = list(dict.fromkeys(line.what for column in columns.values() for line in column))
    head = "| | " + " | ".join(f"{door}, {commands:,} commands" for door, commands in columns) + " |"
    rows = [head, "|---|" + "---:|" * len(columns)]
    rows += [_row(name, [_of(name, column) for column in columns.values()]) for name in names]
    rows.append(_row("**together**", [sum(line.usd for line in column) for column in columns.values()]))
    return "\n".join(rows) + "\n"


def _row(name: str, amounts: list[float]) -> str:
    return f"| {name} | " + " | ".join(f"{usd:.2f}" for usd in amounts) + " |"


def _of(name: str, column: list[Line]) -> float:
    return sum(line.usd for line in column if line.what == name)


_HEAD = """# What it costs

Made by `./dev cost --write` from the synthesized templates and `infra/prices.json`: AWS's list prices in {region},
noted on {noted}, in US dollars a month, without tax and without free tiers but those named in the file. **List prices
to be checked**: they were written down without an AWS account at hand.

*instance* and *gateway* are the two doors out (`-c egress=…`). With 0 commands schedules run and nobody types.
"""

_ASSUMED = """## What was assumed

| | |
|---|---:|
{rows}

Hours of the database and the cache, keys, secrets and alarms are counted in the template; what depends on use is
computed with these. *metrics of ours* is the number of different series (`infra/telemetry/`), paid for each hour in
which one is written.
"""
