"""Child processes that never outlive the cloud: own process groups, ended at stop, at exit and when we are killed."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import BinaryIO, cast

from local.cloud.errors import StartError

_MEASURED = "COVERAGE_PROCESS_CONFIG"
_LAST_WORDS_S = 10.0
_BEHIND = 5
"""A third of the share of others."""


class Children:
    """Starts and ends processes.

    On Linux the kernel ends them when we die (``PR_SET_PDEATHSIG`` through ``setpriv``). It goes by the *thread* that
    started them, hence one thread that starts all and lives as long as we do. Elsewhere a runtime client ends when its
    connection to us breaks.
    """

    def __init__(self) -> None:
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="children")
        self._running: dict[subprocess.Popen[bytes], Callable[[], None]] = {}
        self._lock = Lock()
        self._prefix = _death_signal()
        atexit.register(self.stop)

    def start(
        self,
        command: Sequence[str],
        environ: Mapping[str, str] | None,
        log: Path,
        cwd: Path | None = None,
        hang_up: Callable[[], None] = lambda: None,
        *,
        behind: bool = False,
    ) -> subprocess.Popen[bytes]:
        """Start a process that writes to the end of ``log``; ``hang_up`` breaks the connection it may wait at.

        ``behind``: others go first where the cores are short.

        Raises
        ------
        StartError
            When :meth:`stop` came first.
        """
        try:
            starting = self._starter.submit(self._start, command, environ, log, cwd, hang_up)
            process = starting.result()
        except (RuntimeError, CancelledError) as error:
            raise StartError("the cloud has stopped") from error
        if behind:
            _put_behind(process.pid)
        return process

    def end(self, process: subprocess.Popen[bytes]) -> int:
        """End a process and all it started, at once; returns its exit status, negative for a signal.

        One that is measured for coverage may first write down what it did.
        """
        if _MEASURED in os.environ:
            self._let_speak(process)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        status = process.wait()
        with self._lock:
            self._running.pop(process, None)
        return status

    def stop(self) -> None:
        """End all. Stopping twice does nothing."""
        atexit.unregister(self.stop)
        if _MEASURED in os.environ:
            self._end_all()  # the kernel kills them with the thread that started them
        self._starter.shutdown(wait=True, cancel_futures=True)
        self._end_all()

    def _start(
        self,
        command: Sequence[str],
        environ: Mapping[str, str] | None,
        log: Path,
        cwd: Path | None,
        hang_up: Callable[[], None],
    ) -> subprocess.Popen[bytes]:
        with log.open("ab") as output:
            process = subprocess.Popen(
                [*self._prefix, *command],
                env=None if environ is None else dict(environ),
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=cast(BinaryIO, output),
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        with self._lock:
            self._running[process] = hang_up
        return process

    def _end_all(self) -> None:
        with self._lock:
            running = list(self._running)
        for process in running:
            self.end(process)

    def _let_speak(self, process: subprocess.Popen[bytes]) -> None:
        """A runtime client that waits for its next invocation handles no signal before its connection breaks."""
        with contextlib.suppress(ProcessLookupError, PermissionError, subprocess.TimeoutExpired):
            os.killpg(process.pid, signal.SIGTERM)
            with self._lock:
                hang_up = self._running.get(process)
            if hang_up:
                hang_up()
            process.wait(_LAST_WORDS_S)


def _put_behind(pid: int) -> None:
    """Sessions have a weight of their own on Linux (sched(7), "The autogroup feature"): nice alone does nothing."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, _BEHIND)
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(str(_BEHIND))


def _death_signal() -> tuple[str, ...]:
    program = shutil.which("setpriv")
    return (program, "--pdeathsig", "KILL", "--") if program else ()
