"""``./dev flags``: what an operator types becomes a version, or is refused with what would work."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime

import pytest

from dbsbm.core.errors import DbsbmError, FlagsError
from dbsbm.core.flag_store import FlagStore
from dbsbm.core.flags import Flags, Switch
from local.run.arguments import parser
from local.run.flags import act, changed
from tests.unit.test_flags import Objects

NOW = datetime(2026, 9, 13, 15, 0, tzinfo=UTC)


def dev(store: FlagStore, *typed: str) -> int:
    arguments: argparse.Namespace = parser().parse_args(["flags", *typed])
    return act(arguments, store, NOW, "olga")


def test_switches_limits_and_the_way_back(capsys: pytest.CaptureFixture[str]) -> None:
    store = FlagStore(Objects())
    dev(store, "set", "commands.weather=off", "providers.espn=off", "limits.person.free=90", "--why", "It is wrong.")
    dev(store, "set", "commands.weather=25%", "limits.costs.export=5", "limits.window_s=30", "--why", "Again for some.")
    flags = store.current()
    assert flags.commands == {"weather": Switch(25, "Again for some.")}
    assert flags.providers == {"espn": "It is wrong."}
    assert flags.limits is not None
    assert (flags.limits.person["free"], flags.limits.costs["export"], flags.limits.window_s) == (90, 5, 30)

    dev(store, "set", "commands.weather=on", "providers.espn=on", "--why", "All is well.")
    assert (store.current().commands, store.current().providers) == ({}, {})

    capsys.readouterr()
    dev(store, "rollback", "1")
    told = capsys.readouterr().out
    assert json.loads(told[: told.rindex("}") + 1])["version"] == 4
    assert "within a minute" in told
    assert store.current().commands == {"weather": Switch(0, "It is wrong.")}
    assert (store.current().by, store.current().reason) == ("olga", "back to version 1")
    dev(store, "show", "2")
    assert json.loads(capsys.readouterr().out)["reason"] == "Again for some."


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("weather", "write NAME=VALUE"),
        ("weather=off", "commands.NAME=off|25%|on"),
        ("commands.wether=off", "no such command, button or form"),
        ("commands.weather=maybe", "neither on, off nor a percentage"),
        ("commands.weather=101%", "101 is no percentage"),
        ("providers.espm=off", "no such provider"),
        ("limits.person.free=many", "'many' is no number"),
        ("limits.person.gold=5", "takes free, premium, platinum"),
        ("limits.windows=5", "unknown ['windows']"),
    ],
)
def test_what_is_wrong_is_said(typed: str, told: str) -> None:
    with pytest.raises(FlagsError) as refused:
        changed(Flags(), [typed], "why")
    assert told in refused.value.detail


def test_nothing_is_published_of_a_bad_change() -> None:
    bucket = Objects()
    with pytest.raises(DbsbmError):
        dev(FlagStore(bucket), "set", "commands.weather=off", "limits.person.free=0", "--why", "x")
    with pytest.raises(DbsbmError, match="no version 7"):
        dev(FlagStore(bucket), "rollback", "7")
    assert bucket.objects == {}
