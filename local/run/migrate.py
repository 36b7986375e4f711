"""``./dev migrate [--down]``: on ``DATABASE_URL``, or on the database of the running ``./dev up``."""

from __future__ import annotations

import argparse
import os

from dbsbm.database import migrate
from local.run.state import running


def run(arguments: argparse.Namespace) -> int:
    if not os.environ.get("DATABASE_URL"):
        os.environ["DATABASE_URL"] = running().settings["DATABASE_URL"]
    return migrate.main(["--down"] if arguments.down else [])
