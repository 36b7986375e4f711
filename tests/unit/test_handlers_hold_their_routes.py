"""Each command function alone, as the cloud starts it, knows every route that the table sends to it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from dbsbm.discord import routes

_TABLE = json.loads(Path(routes.PATH).read_text(encoding="utf-8"))
_KINDS = ("commands", "components", "modals")
_ROOT = Path(__file__).parents[2]
_FUNCTIONS = sorted(
    {str(route["function"]) for kind in _KINDS for route in _TABLE[kind].values() if route.get("function")}
)
_ASK = """import importlib, json, sys
from dbsbm.discord.definitions import REGISTRY
importlib.import_module(f"functions.{sys.argv[1]}.handler")
print(json.dumps({kind: sorted(getattr(REGISTRY, kind)) for kind in ("commands", "components", "modals")}))
"""


@pytest.mark.parametrize("function", _FUNCTIONS)
def test_a_function_holds_every_route_that_is_sent_to_it(function: str) -> None:
    path = f"{_ROOT / 'layers/shared/python'}:{_ROOT}"
    asked = subprocess.run(
        [sys.executable, "-c", _ASK, function], env={"PYTHONPATH": path}, capture_output=True, check=True, text=True
    )
    held = json.loads(asked.stdout)
    for kind in _KINDS:
        sent = {name for name, route in _TABLE[kind].items() if route.get("function") == function}
        assert sent <= set(held[kind]), kind
