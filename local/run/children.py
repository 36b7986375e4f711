"""Child processes of ``./dev up``: each with its log, waited for until it answers, stopped with its own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Self

from local.servers import ServerError

READY_WITHIN_S = 60.0
STOP_WITHIN_S = 10.0


class Child:
    """One program in a process group of its own, so that Ctrl-C reaches us alone and we stop things in order."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.name = name
        self.log = log
        self._command = list(command)
        self._environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    def start(self, ready: Callable[[], bool]) -> Self:
        """Start and wait until ``ready``.

        Raises
        ------
        ServerError
            With the end of its log when it ends or takes more than a minute.
        """
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        until = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < until and self.running():
            if ready():
                return self
            time.sleep(0.05)
        self.stop()
        raise ServerError(f"{self.name} did not start. The end of {self.log}:\n{tail(self.log, 20)}")

    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """Ask the whole group to end, then end it by force. Stopping twice does nothing."""
        process, self._process = self._process, None
        if process is None:
            return
        signal_group(process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_WITHIN_S)
        signal_group(process.pid, signal.SIGKILL)  # whatever of the group is still there
        process.wait()


def signal_group(leader: int, number: signal.Signals) -> None:
    try:
        os.killpg(leader, number)
    except (ProcessLookupError, PermissionError):
        return  # it ended by itself


def commands(group: int) -> list[str]:
    """The command lines of the living processes of a group."""
    if not Path("/proc/self/stat").exists():  # macOS; a minimal Debian in turn has no ps
        shown = subprocess.run(["ps", "-axww", "-o", "pgid=,args="], capture_output=True, text=True, check=False)
        lines = (line.strip().partition(" ") for line in shown.stdout.splitlines())
        return [args for number, _, args in lines if number == str(group) and "<defunct>" not in args]
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            state, _, number = (process / "stat").read_text().rpartition(")")[2].split()[:3]
            if number == str(group) and state != "Z":
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            continue  # it ended while we looked
    return found


def tail(log: Path, lines: int) -> str:
    """The last lines of a log; empty when there is none."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else ""


def answers(port: int, path: str, *, statuses: Sequence[int] = (200,)) -> bool:
    """Whether an HTTP server on 127.0.0.1 answers a GET with one of these statuses within 2 s."""
    connection = HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status in statuses
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
