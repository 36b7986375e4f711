"""``python -m local.pictures [NAME …]``: the pictures of docs/commands.md, taken anew in the Discord simulator.

Run by hand after an answer has changed or a command was added; a new command gets a stop in ``tests/e2e/tour.py``.
Needs Chromium and MariaDB, which ``./dev test`` installs. Look at what it wrote before committing it.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from local.pictures import camera
from local.pictures.names import DIRECTORY
from local.servers import THROWAWAY, MariaDB
from tests.e2e import tour, world
from tests.schemas import Schemas


def main() -> int:
    """Take the named pictures, or all."""
    parser = argparse.ArgumentParser(prog="python -m local.pictures", description=__doc__)
    parser.add_argument("names", nargs="*", help="pictures to take, as named in docs/pictures/commands")
    wanted = frozenset(parser.parse_args().names)
    logging.disable(logging.CRITICAL)
    taken = _take(wanted)
    missing = sorted(wanted - taken)
    print(f"{len(taken)} pictures in {DIRECTORY}" + (f"; the tour has no {', '.join(missing)}" if missing else ""))
    return 1 if missing else 0


def _take(wanted: frozenset[str]) -> set[str]:
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    taken = set()
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dbsbm-pictures-")))
        schemas = Schemas(stack.enter_context(MariaDB(home, extra=THROWAWAY)).url())
        stack.callback(schemas.close)
        url = stack.enter_context(schemas.migrated())
        toured = stack.enter_context(world.opened(url, catalog=world.QUIET, all_drawn=True))
        lens = stack.enter_context(camera.opened(toured.simulator))
        for shot in tour.tour(toured):
            if shot.seen.message is not None and (not wanted or shot.name in wanted):
                (DIRECTORY / f"{shot.name}.png").write_bytes(lens.take(shot.seen))
                taken.add(shot.name)
    return taken


if __name__ == "__main__":
    sys.exit(main())
