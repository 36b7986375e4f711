"""``./dev secrets status|stage|promote``: how old secrets are; the next value of one that others make.

``stage NAME`` asks for the value, or reads it from standard input, and puts it beside the one in use. ``promote NAME``
has it tested and made current. The secrets that we make ourselves change by themselves every 90 days.
"""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import uuid4

from dbsbm.core.errors import DbsbmError
from dbsbm.security.secret_store import PENDING, SecretStore
from infra.catalog import CATALOG
from local.run.operator import Place, place

FUNCTION = "job_secrets"
_TIMEOUT_S = 60.0


def run(arguments: argparse.Namespace) -> int:
    try:
        return act(arguments, place(arguments.stage), _typed)
    except DbsbmError as error:
        print(f"not done: {error.detail}", file=sys.stderr)
        return 1


def act(arguments: argparse.Namespace, where: Place, typed: Callable[[], str]) -> int:
    """Do one action.

    Raises
    ------
    DbsbmError
        Saying why nothing was changed.
    """
    if arguments.action == "status":
        answer = where.invoke(FUNCTION, {"v": 1, "status": True}, asynchronous=False, timeout_s=_TIMEOUT_S)
        print("\n".join(table((answer or {}).get("secrets", ()))))
        return 0
    staged = [secret.name for secret in CATALOG.secrets if not secret.rotated_by and not secret.made_by_rds]
    if arguments.name not in staged:
        print(f"{arguments.name}: operators stage {', '.join(staged)}", file=sys.stderr)
        return 2
    if arguments.action == "promote":
        return _promote(arguments.name, where)
    value = typed()
    if not value:
        print("nothing was typed, nothing is staged", file=sys.stderr)
        return 2
    SecretStore(where.aws, where.secret.format(arguments.name)).put(str(uuid4()), value, PENDING)
    print(f"{arguments.name} is staged; the one in use stays until: ./dev secrets promote {arguments.name}")
    return 0


def table(secrets: Iterable[Mapping[str, Any]]) -> list[str]:
    """A line for each secret."""
    lines = [f"{'secret':<22} {'days':>5}  state"]
    for each in sorted(secrets, key=lambda row: -(row["age_days"] or 0)):
        notes = [name for name in ("overdue", "staged", "stuck") if each[name]]
        if each["due"] and not each["overdue"]:
            notes.append("due")
        days = "–" if each["age_days"] is None else str(each["age_days"])
        lines.append(f"{each['name'].replace('_', '-'):<22} {days:>5}  {', '.join(notes) or 'ok'}")
    return lines


def _promote(name: str, where: Place) -> int:
    answer = where.invoke(FUNCTION, {"v": 1, "promote": name}, asynchronous=False, timeout_s=_TIMEOUT_S)
    tested = "it works" if (answer or {}).get("tested") else "nobody could be asked whether it works: no address is set"
    print(f"{name} is in use ({tested}); functions read it within five minutes, then revoke the one before")
    return 0


def _typed() -> str:
    return getpass.getpass("the new value: ").strip() if sys.stdin.isatty() else sys.stdin.read().strip()
