"""Whatever is read through the cache stands under a listed prefix, so that a migration clears it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dbsbm.cache import prefixes
from local.servers import ROOT

PRODUCT = (ROOT / "functions", ROOT / "layers/shared/python/dbsbm")
LISTED = {name for name, value in vars(prefixes).items() if value in prefixes.EVERY}


def _first_words(call: ast.Call) -> ast.expr:
    """What a key begins with: a name, or the text in front of the first colon."""
    key = call.args[0]
    if not isinstance(key, ast.JoinedStr):
        return key
    first = key.values[0]
    return first.value if isinstance(first, ast.FormattedValue) else first


def _keys() -> Iterator[tuple[str, ast.expr]]:
    for path in (path for folder in PRODUCT for path in folder.rglob("*.py") if "cache" not in path.parts):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""
            if isinstance(node, ast.Call) and called in {"get_or_load", "clear_prefix"}:
                yield f"{path.name}:{node.lineno}", _first_words(node)


def test_every_key_begins_with_a_listed_prefix() -> None:
    found = dict(_keys())
    stray = [where for where, first in found.items() if not (isinstance(first, ast.Name) and first.id in LISTED)]
    assert stray == []
    assert {first.id for first in found.values() if isinstance(first, ast.Name)} == LISTED == {"GAMES", "REFUSED"}
