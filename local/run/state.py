"""What a running ``./dev up`` tells the other commands: ``.local/state.json``."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from local.servers import ROOT, ServerError, command_line

LOCAL = Path(os.environ.get("DBSBM_LOCAL_DIR", ROOT / ".local")).resolve()
"""Another folder lets two of them run side by side, e.g. in tests."""
FILE = LOCAL / "state.json"
LOGS = LOCAL / "log"


@dataclass(frozen=True)
class State:
    """``groups``: process groups by name, to end when ``./dev up`` itself was killed. ``settings``: as for ``.env``."""

    pid: int
    ready: bool
    groups: Mapping[str, int]
    settings: Mapping[str, str]

    def write(self, file: Path = FILE) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_suffix(".partial")
        partial.write_text(json.dumps(asdict(self), indent=1))
        partial.rename(file)


def read(file: Path = FILE) -> State | None:
    """Return what the latest ``./dev up`` wrote; it may have been killed since: see :func:`alive`."""
    try:
        return State(**json.loads(file.read_text()))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError):
        file.unlink()
        return None


def alive(state: State) -> bool:
    """Whether that ``./dev up`` still runs, and is not another program that got its number."""
    return "local.run" in command_line(state.pid)


def running() -> State:
    """Return the state of the running ``./dev up``.

    Raises
    ------
    ServerError
        When none runs, with what to do.
    """
    state = read()
    if state is None or not state.ready or not alive(state):
        raise ServerError("nothing is running here: start it with ./dev up (or ./dev up --detach)")
    return state
