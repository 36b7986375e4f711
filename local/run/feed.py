"""``./dev feed replay DIR [--speed N]``: a recorded season through the odds feed of the running ``./dev up``."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from local.feed_replay import replay
from local.run.state import running


def run(arguments: argparse.Namespace) -> int:
    directory = Path(os.environ.get("DBSBM_CALLED_FROM", ".")) / arguments.directory
    return replay(directory, arguments.speed, running().settings)
