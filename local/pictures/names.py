"""Where the pictures of the command reference are, and how they are named."""

from __future__ import annotations

from pathlib import Path

DIRECTORY = Path(__file__).parents[2] / "docs" / "pictures" / "commands"


def of_command(name: str) -> str:
    """ "capper add" → "capper-add"."""
    return name.lower().replace(" ", "-")


def missing(names: list[str]) -> list[str]:
    """Commands without a picture."""
    return [name for name in names if not (DIRECTORY / f"{of_command(name)}.png").exists()]
