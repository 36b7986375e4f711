"""What ``./dev`` does once everything is installed: one module per command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from importlib import import_module

from local.run.arguments import parse
from local.run.packages import MissingError
from local.servers import ServerError

MODULES = {
    "up": "up",
    "down": "down",
    "logs": "logs",
    "test": "tests",
    "check": "checks",
    "bench": "bench",
    "synth": "cdk",
    "diff": "cdk",
    "deploy": "deploying",
    "deployments": "deploying",
    "doctor": "deploying",
    "cost": "cost",
    "invoke": "invoke",
    "migrate": "migrate",
    "commands": "registration",
    "feed": "feed",
    "outbox": "outbox",
    "flags": "flags",
    "audit": "audit",
    "secrets": "secrets",
    "sql": "sql",
    "backup": "backup",
    "restore": "backup",
    "drill": "backup",
}


def main() -> int:
    wanted = parse(sys.argv[1:])
    run: Callable[[argparse.Namespace], int] = import_module(f"local.run.{MODULES[wanted.command]}").run
    try:
        return run(wanted)
    except (MissingError, ServerError) as error:
        print(f"./dev: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
