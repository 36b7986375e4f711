"""Private MariaDB and Redis servers in a directory of ours: for ``./dev up`` and for the tests.

Nothing of the system's own servers is used but the programs. Each server listens on 127.0.0.1 at a free port, keeps
its files in the directory it is given, and is stopped by the one who started it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pymysql
import redis

from local.run import packages

ROOT = Path(__file__).resolve().parents[1]
PARAMETERS = ROOT / "infra" / "database.cnf"
TEMPLATES = ROOT / ".local" / "templates"
READY_WITHIN_S = 30.0
STOP_WITHIN_S = 20.0
ANSWER_WITHIN_S = 2
SOCKET_PATH_BYTES = 103
"""The shortest ``sun_path`` of the systems we run on: 104 on macOS, 108 on Linux, both with the closing zero."""

THROWAWAY = (
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=0",
    "--innodb-buffer-pool-size=64M",
    "--innodb-buffer-pool-dump-at-shutdown=OFF",
)
"""For data nobody misses: faster, and gone after a power cut."""


class ServerError(Exception):
    """A server did not start or a program is missing; the message says what to do."""


def program(wanted: packages.Program) -> str:
    """Return the path of a program.

    Raises
    ------
    ServerError
        When it is not installed.
    """
    found = packages.find(wanted)
    if found is None:
        raise ServerError(f"{wanted.what} is not installed; ./dev up and ./dev test install it")
    return found


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class _Server:
    """One child process with a log, a process-id file and a readiness check."""

    name = "server"

    def __init__(self, directory: Path, port: int | None = None) -> None:
        self.directory = directory
        self.port = port or free_port()
        self._fixed_port = port is not None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process, and its group; 0 when it does not run."""
        return self._process.pid if self._process else 0

    @property
    def log(self) -> Path:
        return self.directory / f"{self.name}.log"

    def _command(self) -> Sequence[str]:
        raise NotImplementedError

    def _answers(self) -> bool:
        raise NotImplementedError

    def start(self) -> Self:
        """Start and wait until it answers; a port taken in the meantime is exchanged for another.

        Raises
        ------
        ServerError
            With the last lines of the log.
        """
        self.directory.mkdir(parents=True, exist_ok=True)
        self._stop_left_over()
        for attempt in (1, 2, 3):
            if self._start_once():
                return self
            if self._fixed_port or attempt == 3:
                break
            self.port = free_port()
        tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])
        raise ServerError(f"{self.name} did not start on port {self.port}. The end of {self.log}:\n{tail}")

    def stop(self) -> None:
        """Ask it to end, wait, and end it by force after a while. Stopping a stopped server does nothing."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._pid_file.unlink(missing_ok=True)

    def kill(self) -> None:
        """End it at once, as a crash would (SIGKILL)."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def _pid_file(self) -> Path:
        return self.directory / f"{self.name}.pid"

    def _start_once(self) -> bool:
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                list(self._command()),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._pid_file.write_text(str(self._process.pid))
        until = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < until and self._process.poll() is None:
            if self._answers():
                return True
            time.sleep(0.02)
        self.stop()
        return False

    def _stop_left_over(self) -> None:
        """End the server that an earlier, killed run left on this directory: two on the same files would spoil them."""
        if self._process is not None or not self._pid_file.exists():
            return
        pid = int(self._pid_file.read_text() or 0)
        if pid and str(self.directory) in command_line(pid):
            os.kill(pid, signal.SIGTERM)
            _wait(lambda: not command_line(pid), STOP_WITHIN_S)
        self._pid_file.unlink(missing_ok=True)


class MariaDB(_Server):
    """MariaDB with the parameters of ``infra/database.cnf``; data in ``directory/data``, kept between starts.

    ``extra`` are further arguments of the server, e.g. ``THROWAWAY``.
    """

    name = "mariadb"

    def __init__(self, directory: Path, port: int | None = None, extra: Sequence[str] = ()) -> None:
        super().__init__(directory.resolve(), port)
        self._extra = tuple(extra)
        self._sockets: Path | None = None

    @property
    def data(self) -> Path:
        return self.directory / "data"

    def url(self, schema: str = "") -> str:
        """``mysql://root@127.0.0.1:PORT/schema``: the shape of ``DATABASE_URL``."""
        return f"mysql://root@127.0.0.1:{self.port}/{schema}"

    def connect(self, schema: str | None = None, read_timeout: int | None = None) -> pymysql.Connection[Any]:
        """Open a plain connection that commits each statement, for setting things up. ``read_timeout`` in seconds."""
        return pymysql.connect(
            host="127.0.0.1",
            port=self.port,
            user="root",
            database=schema,
            charset="utf8mb4",
            autocommit=True,
            read_timeout=read_timeout,
            connect_timeout=ANSWER_WITHIN_S,
            ssl_disabled=True,  # else every connection reads the system's certificates: 25 ms
        )

    def start(self) -> Self:
        if not self.data.exists():
            partial = self.directory / "data.partial"
            shutil.rmtree(partial, ignore_errors=True)
            self.directory.mkdir(parents=True, exist_ok=True)
            shutil.copytree(template(), partial)
            partial.rename(self.data)
        self._sockets = Path(tempfile.mkdtemp(prefix="dbsbm-", dir=_short_temporary()))
        try:
            return super().start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        super().stop()
        self._drop_sockets()

    def kill(self) -> None:
        super().kill()
        self._drop_sockets()

    def _drop_sockets(self) -> None:
        if self._sockets is not None and self._process is None:
            shutil.rmtree(self._sockets, ignore_errors=True)

    def _command(self) -> Sequence[str]:
        return (
            program(packages.MARIADB),
            f"--defaults-file={PARAMETERS}",
            f"--datadir={self.data}",
            f"--socket={self._sockets}/s",
            f"--tmpdir={self._sockets}",  # a server that starts empties its folder of temporary tables, whoever's
            f"--port={self.port}",
            "--bind-address=127.0.0.1",
            "--skip-name-resolve",
            "--skip-log-bin",
            "--innodb-log-file-size=16M",
            *_user(),
            *self._extra,
        )

    def _answers(self) -> bool:
        try:
            with self.connect(read_timeout=ANSWER_WITHIN_S) as connection, connection.cursor() as cursor:
                cursor.execute("SELECT @@datadir")
                row = cursor.fetchone()
        except (pymysql.err.MySQLError, OSError):
            return False
        return row is not None and Path(row[0]) == self.data


class Redis(_Server):
    """Redis as a cluster of one node that owns every slot: a command over keys of two slots fails as in the cloud."""

    name = "redis"

    def url(self) -> str:
        """``redis://127.0.0.1:PORT/0``: the shape of ``REDIS_URL``."""
        return f"redis://127.0.0.1:{self.port}/0"

    def _command(self) -> Sequence[str]:
        (self.directory / "nodes.conf").unlink(missing_ok=True)
        return (
            program(packages.REDIS),
            *("--port", str(self.port)),
            *("--bind", "127.0.0.1"),
            *("--dir", str(self.directory.resolve())),
            *("--save", ""),
            *("--appendonly", "no"),
            *("--set-proc-title", "no"),
            *("--maxmemory", "256mb"),
            *("--maxmemory-policy", "volatile-lru"),
            *("--cluster-enabled", "yes"),
            *("--cluster-port", str(free_port())),
            *("--cluster-config-file", "nodes.conf"),
        )

    def _answers(self) -> bool:
        client = redis.Redis("127.0.0.1", self.port, socket_timeout=1, socket_connect_timeout=1)
        try:
            if client.info("server")["process_id"] != (self._process.pid if self._process else 0):
                return False
            if client.cluster("INFO")["cluster_slots_assigned"] == "0":
                client.cluster("ADDSLOTSRANGE", "0", "16383")
            return bool(client.cluster("INFO")["cluster_state"] == "ok")
        except redis.exceptions.RedisError:
            return False
        finally:
            client.close()


def template() -> Path:
    """Return an initialised, stopped MariaDB data directory to copy; made on first use, once per server version."""
    server = program(packages.MARIADB)
    version = subprocess.run([server, "--version"], capture_output=True, check=True).stdout
    key = hashlib.sha256(version.split(b" Ver ")[-1] + PARAMETERS.read_bytes()).hexdigest()[:12]
    ready = TEMPLATES / f"mariadb-{key}"
    if ready.exists():
        return ready
    TEMPLATES.mkdir(parents=True, exist_ok=True)
    with _locked(TEMPLATES / "lock"):
        if not ready.exists():
            _initialise(TEMPLATES / f"mariadb-{key}.partial", ready)
    return ready


def _initialise(partial: Path, ready: Path) -> None:
    shutil.rmtree(partial, ignore_errors=True)
    command = (
        program(packages.MARIADB_INSTALL),
        f"--defaults-file={PARAMETERS}",
        f"--datadir={partial}",
        "--auth-root-authentication-method=normal",
        "--skip-test-db",
        "--skip-name-resolve",
        "--force",  # go on when the machine cannot look up its own name
        "--innodb-log-file-size=16M",
        *_user(),
    )
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0 or not (partial / "mysql").is_dir():
        raise ServerError(f"mariadb-install-db failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    partial.rename(ready)


def _user() -> tuple[str, ...]:
    """MariaDB refuses to run as root unless told so."""
    return ("--user=root",) if os.geteuid() == 0 else ()


def _short_temporary() -> str:
    """A folder for sockets whose path leaves room for ours under the limit of ``sun_path``."""
    usual = tempfile.gettempdir()
    room = len(os.fsencode(usual)) + len("/dbsbm-xxxxxxxx/s") <= SOCKET_PATH_BYTES
    return usual if room else "/tmp"  # noqa: S108 — mkdtemp makes a private folder in it


def command_line(pid: int) -> str:
    """The command of a running process, empty when there is none (or it has ended and waits to be collected)."""
    if Path("/proc/self/cmdline").exists():  # a minimal Debian has no ps
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:
            return ""
    shown = subprocess.run(["ps", "-ww", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return "" if "<defunct>" in shown.stdout else shown.stdout.strip()


def _wait(condition: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise ServerError("an earlier server does not end; end it by hand and try again")
        time.sleep(0.05)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


if sys.platform == "win32":
    raise ServerError("DBSBM's local servers run on Linux and macOS")
