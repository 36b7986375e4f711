"""``./dev down``: stop a running ``./dev up``, and what a killed one left behind."""

from __future__ import annotations

import argparse
import os
import signal
import time

from local.run.children import commands, signal_group
from local.run.state import FILE, LOCAL, State, alive, read
from local.servers import ROOT

STOP_WITHIN_S = 40.0


def run(_: argparse.Namespace) -> int:
    state = read()
    if state is None:
        print("nothing is running")
        return 0
    if alive(state):
        os.kill(state.pid, signal.SIGTERM)
        until = time.monotonic() + STOP_WITHIN_S
        while alive(state) and time.monotonic() < until:
            time.sleep(0.05)
    stop_left_over(state)
    print("stopped")
    return 0


def stop_left_over(state: State) -> None:
    """End what is still there of the process groups of an ``./dev up`` that is no more, and forget it.

    A number may belong to somebody else by now: only groups with a process of this folder are ended.
    """
    ours = [group for group in state.groups.values() if _is_ours(group)]
    for group in ours:
        signal_group(group, signal.SIGTERM)
    until = time.monotonic() + 5
    while any(commands(group) for group in ours) and time.monotonic() < until:
        time.sleep(0.05)
    for group in ours:
        if commands(group):
            signal_group(group, signal.SIGKILL)
    FILE.unlink(missing_ok=True)


def _is_ours(group: int) -> bool:
    return any(str(ROOT) in command or str(LOCAL) in command for command in commands(group))
