"""``./dev flags show|set|rollback``: switches of commands and providers, and rate limits, while everything runs.

``set commands.weather=off --why "The forecasts are wrong today."``; ``commands.weather=25%`` opens it for a quarter of
the communities, ``=on`` for all. ``providers.espn=off``, ``limits.person.free=90``, ``limits.costs.export=5``. What
runs here is meant, unless ``FLAGS_BUCKET`` names the bucket of a stage and AWS's own variables who may write there.
"""

from __future__ import annotations

import argparse
import getpass
import json
import os
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from dbsbm import commands
from dbsbm.core.aws import Account, Credentials
from dbsbm.core.bucket import Aws, Bucket
from dbsbm.core.clock import SystemClock
from dbsbm.core.errors import DbsbmError, FlagsError
from dbsbm.core.flag_store import FlagStore
from dbsbm.core.flags import Flags, checked
from dbsbm.core.transport import PooledTransport
from dbsbm.discord.definitions import REGISTRY
from local.cloud.execution import ACCESS_KEY, REGION, SECRET_KEY, SESSION_TOKEN, Names
from local.run.state import running

_SWITCHED = {"on": 100, "off": 0}


def run(arguments: argparse.Namespace) -> int:
    try:
        return act(arguments, FlagStore(_bucket()), SystemClock().now(), _operator())
    except DbsbmError as error:
        print(f"not done: {error.detail}", file=sys.stderr)
        return 1


def act(arguments: argparse.Namespace, store: FlagStore, now: datetime, by: str) -> int:
    """Do one action and print what holds then.

    Raises
    ------
    DbsbmError
        Saying why nothing was changed.
    """
    before = store.current()
    if arguments.action == "show":
        print(_shown(before if arguments.version is None else store.version(arguments.version)))
        return 0
    if arguments.action == "rollback":
        reason = arguments.why or f"back to version {arguments.version}"
        after = before.following(store.version(arguments.version), now, by, reason)
    else:
        after = before.following(changed(before, arguments.changes, arguments.why), now, by, arguments.why)
    print(_shown(store.publish(before, after)))
    print("It is seen everywhere within a minute.")
    return 0


def changed(before: Flags, changes: Iterable[str], why: str) -> Flags:
    """The flags with ``name=value`` put in.

    Raises
    ------
    FlagsError
        Naming what cannot be understood, or what is wrong with the document it would give.
    """
    document = before.to_json()
    for change in changes:
        name, equals, value = change.partition("=")
        if not equals:
            raise FlagsError(f"{change}: write NAME=VALUE")
        _put(document, name, value, why)
    return checked(document)


def _put(document: dict[str, Any], name: str, value: str, why: str) -> None:
    kind, _, rest = name.partition(".")
    if kind == "commands":
        _put_command(document["commands"], rest, value, why)
    elif kind == "providers" and value in _SWITCHED:
        document["providers"].pop(rest, None)
        if value == "off":
            document["providers"][rest] = why
    elif kind == "limits":
        _put_limit(document["limits"], rest, value)
    else:
        raise FlagsError(f"{name}={value}: commands.NAME=off|25%|on, providers.NAME=off|on or limits.NAME=NUMBER")


def _put_command(switches: dict[str, Any], name: str, value: str, why: str) -> None:
    if name not in _known():
        raise FlagsError(f"commands.{name}: no such command, button or form; docs/commands.md has the commands")
    percent = _SWITCHED.get(value, _number(value.removesuffix("%")))
    if percent is None:
        raise FlagsError(f"commands.{name}: {value!r} is neither on, off nor a percentage")
    switches.pop(name, None)
    if percent != 100:
        switches[name] = {"percent": percent, "why": why}


def _put_limit(limits: dict[str, Any], name: str, value: str) -> None:
    outer, _, inner = name.partition(".")
    number = _number(value)
    if number is None:
        raise FlagsError(f"limits.{name}: {value!r} is no number")
    if inner and isinstance(limits.get(outer), dict):
        limits[outer][inner] = number
    else:
        limits[name] = number


def _known() -> frozenset[str]:
    """Every name that a switch can have: commands, groups of them, buttons and forms."""
    commands.load()
    groups = {name.partition(" ")[0] for name in REGISTRY.commands}
    return frozenset({*REGISTRY.commands, *groups, *REGISTRY.components, *REGISTRY.modals})


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() else None


def _shown(flags: Flags) -> str:
    return json.dumps(flags.to_json(), indent=1, ensure_ascii=False)


def _bucket() -> Bucket:
    """The one that ``FLAGS_BUCKET`` names, with the AWS credentials at hand; else that of what runs here."""
    named = os.environ.get("FLAGS_BUCKET")
    if named:
        return _at(Account.from_environ(os.environ), named)
    endpoint: Mapping[str, str] = {"": running().settings["AWS_ENDPOINT_URL"]}
    return _at(Account(REGION, Credentials(ACCESS_KEY, SECRET_KEY, SESSION_TOKEN), endpoint), Names().of("flags"))


def _at(account: Account, name: str) -> Bucket:
    return Bucket(Aws(PooledTransport(), account), name)


def _operator() -> str:
    return os.environ.get("DBSBM_OPERATOR") or getpass.getuser()
