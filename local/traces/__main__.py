"""``python -m local.traces``: draws the trace of a bet that was really posted into ``docs/pictures/trace.svg``.

Run by hand after a hop was added. Needs MariaDB, which ``./dev test`` installs. Look at it before committing it.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from local.servers import ROOT, THROWAWAY, MariaDB, Redis
from local.traces.assembly import interactions
from local.traces.drawing import drawn
from tests.e2e import world
from tests.schemas import Schemas

BETS = 8
PICTURE = ROOT / "docs/pictures/trace.svg"


def main() -> int:
    """Post some bets in the local cloud; the quickest is drawn, which met warm functions and a machine at leisure."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dbsbm-trace-")))
        cache = stack.enter_context(Redis(home / "redis")).url()
        schemas = Schemas(stack.enter_context(MariaDB(home / "mariadb", extra=THROWAWAY)).url())
        stack.callback(schemas.close)
        url = stack.enter_context(schemas.migrated())
        there = stack.enter_context(world.opened(url, more={"REDIS_URL": cache}, all_drawn=True)).set_up()
        for number in range(BETS):
            there.settled(there.ann.slash("bet", pick=world.distinct_pick(number)).click("Post"))
        logs = there.cloud.all_logs()
    posted = [each for each in interactions(logs, 2 * BETS) if any(bar.name == "send" for bar in each.bars)]
    quickest = min(posted, key=lambda each: each.ended_ms - each.began_ms)
    PICTURE.write_text(drawn(quickest))
    print(f"{len(quickest.bars)} spans in {PICTURE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
