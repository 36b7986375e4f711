"""Servers for the tests: one private MariaDB for the run, a clean schema for each test, one Redis per worker.

``./dev test`` starts MariaDB beforehand and names it in ``DBSBM_TEST_DATABASE_URL``; a bare ``pytest`` starts its own.
"""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from local.servers import THROWAWAY, MariaDB, Redis
from tests.schemas import Schemas

pytest_plugins = [
    "tests.figures",
    "tests.discord_observer",
    "tests.grant_observer",
    "tests.error_observer",
    "tests.order",
]

settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")  # how long something takes on a busy machine is no property of it

DATABASE = "DBSBM_TEST_DATABASE_URL"
REDIS = "DBSBM_TEST_REDIS_URL"
_run = ExitStack()


def _temporary(stack: ExitStack) -> Path:
    directory = Path(tempfile.mkdtemp(prefix="dbsbm-test-"))
    stack.callback(shutil.rmtree, directory, ignore_errors=True)
    return directory


def pytest_configure(config: pytest.Config) -> None:
    """With xdist, start the server in the controller, so that all workers share it."""
    controls_workers = getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput")
    if controls_workers and DATABASE not in os.environ:
        server = _run.enter_context(MariaDB(_temporary(_run), extra=THROWAWAY))
        os.environ[DATABASE] = server.url()


def pytest_unconfigure(config: pytest.Config) -> None:
    _run.close()


@pytest.fixture(scope="module", autouse=True)
def heap() -> None:
    """What is there before a file's tests is looked at once and then left alone by the garbage collector.

    Else a collection takes a second late in a session, and those who look for leaks ask for many.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[str]:
    """URL of the run's MariaDB, without a schema: ``mysql://root@127.0.0.1:PORT/``."""
    if DATABASE in os.environ:
        yield os.environ[DATABASE]
        return
    with ExitStack() as stack:
        yield stack.enter_context(MariaDB(_temporary(stack), extra=THROWAWAY)).url()


@pytest.fixture(scope="session")
def _schemas(mariadb_server: str) -> Iterator[Schemas]:
    schemas = Schemas(mariadb_server)
    yield schemas
    schemas.close()


@pytest.fixture
def database_url(_schemas: Schemas) -> Iterator[str]:
    """URL of an empty schema with every migration applied. Connections left open on it are ended afterwards."""
    with _schemas.migrated() as url:
        yield url


@pytest.fixture(scope="module")
def module_database_url(_schemas: Schemas) -> Iterator[str]:
    """As ``database_url``, for the tests of a module that share what is costly to build."""
    with _schemas.migrated() as url:
        yield url


@pytest.fixture
def empty_database_url(_schemas: Schemas) -> Iterator[str]:
    """URL of a schema without any table, dropped afterwards: for tests of the migrations themselves."""
    with _schemas.blank() as url:
        yield url


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """URL of this worker's own Redis (cluster mode): the tests flush it."""
    if REDIS in os.environ:
        yield os.environ[REDIS]
        return
    with ExitStack() as stack:
        yield stack.enter_context(Redis(_temporary(stack))).url()


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """URL of an empty Redis."""
    import redis  # noqa: PLC0415 — tests without Redis need not load it

    with redis.Redis.from_url(redis_server) as client:
        client.flushall()
    return redis_server
