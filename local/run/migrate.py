"""``./dev migrate [--down]``: on ``DATABASE_URL``, or on the database of the running ``./dev up``."""

from __future__ import annotations

import argparse
import os
import sys

from dbsbm.cache.client import build_cache
from dbsbm.cache.prefixes import forget_all
from dbsbm.core.clock import SystemClock
from dbsbm.core.ids import Ids
from dbsbm.database import migrate
from local.run.state import running


def run(arguments: argparse.Namespace) -> int:
    settings = os.environ if os.environ.get("DATABASE_URL") else running().settings
    os.environ["DATABASE_URL"] = settings["DATABASE_URL"]
    status = migrate.main(["--down"] if arguments.down else [])
    if not forgotten(settings.get("REDIS_URL")):
        print("the cache does not answer: what it keeps of before may be shown for a minute", file=sys.stderr)
    return status


def forgotten(redis_url: str | None) -> bool:
    """Have the cache forget what was made of the tables as they were; False when it did not answer."""
    clock = SystemClock()
    return forget_all(build_cache(redis_url or None, clock, Ids(clock)))
