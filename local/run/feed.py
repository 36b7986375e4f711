"""``./dev feed replay DIR [--speed N]`` and ``./dev feed rebuild URL``, both on the running ``./dev up``."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from local.feed_rebuild import rebuild
from local.feed_replay import replay
from local.run.state import running


def run(arguments: argparse.Namespace) -> int:
    settings = running().settings
    if arguments.action == "rebuild":
        return rebuild(arguments.directory, settings)
    directory = Path(os.environ.get("DBSBM_CALLED_FROM", ".")) / arguments.directory
    return replay(directory, arguments.speed, settings)
