"""Judging all controls, for ``./dev bench guardianship``: on a real database, with AWS in this process."""

from __future__ import annotations

import time
from random import Random

from dbsbm.compliance.evidence.collecting import Collector, Places
from dbsbm.compliance.running import run_controls
from dbsbm.core.aws import Account, Credentials
from dbsbm.core.bucket import Aws, Bucket
from dbsbm.core.clock import SystemClock
from dbsbm.core.ids import Ids
from dbsbm.database.database import Database
from infra.catalog import CATALOG
from local.cloud.aws import MotoInside, create_resources
from local.cloud.execution import ACCESS_KEY, REGION, SECRET_KEY, Names


def measured(database: Database, runs: int) -> tuple[list[float], list[float]]:
    """Milliseconds of each run of all controls, by the wall and of this process's own time."""
    names, outside, clock = Names(), MotoInside(), SystemClock()
    create_resources(CATALOG, names, {}, outside)
    aws = Aws(outside, Account(REGION, Credentials(ACCESS_KEY, SECRET_KEY), {"": "http://127.0.0.1"}))
    buckets = {bucket.name: names.of(bucket.name) for bucket in CATALOG.buckets}
    places = Places("local", buckets, {}, {}, {}, {})
    collector = Collector(database, aws, Bucket(aws, names.of("evidence")), places, 0)
    ids = Ids(clock, Random(1))
    wall, own = [], []
    for _ in range(runs):
        began, used = time.perf_counter(), time.process_time()
        run_controls(collector, clock, ids, timer=time.perf_counter)
        wall.append((time.perf_counter() - began) * 1000)
        own.append((time.process_time() - used) * 1000)
    return wall, own
