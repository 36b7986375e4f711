"""The canary's key opens a PING and the canary's guild, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dbsbm.discord.signature import PublicKeyError
from interactions.front_door import FrontDoor
from tests.signed import ENVIRON, NOW, OTHER_KEY, OTHER_SECRET, ROUTES, command, event, snowflake

GUILD = "900000000000000001"
MESSAGE = {"v": 1, "kind": "message", "data": {"flags": 32832, "components": [{"type": 10, "content": "done"}]}}
CANARY = {"CANARY_PUBLIC_KEY": OTHER_KEY.hex(), "CANARY_GUILD_ID": GUILD}


class Asked(list[str]):
    def __call__(self, function: str, payload: dict[str, Any], *, asynchronous: bool, timeout_s: float) -> Any:
        self.append(function)
        return MESSAGE


def send(document: dict[str, Any], environ: dict[str, str], **how: Any) -> tuple[int, list[str], dict[str, Any]]:
    asked, lines = Asked(), list[str]()
    door = FrontDoor.from_environ(
        {**ENVIRON, **environ}, routes=ROUTES, now=lambda: NOW, invoke=asked, log=lines.append
    )
    response = door(event(document, **how))
    return response["statusCode"], asked, json.loads(lines[-1])


def test_a_ping_of_the_canary_is_answered() -> None:
    status, asked, record = send({"type": 1, "id": snowflake()}, CANARY, secret=OTHER_SECRET)
    assert (status, asked, record["outcome"]) == (200, [], "pong")


def test_a_command_from_the_canarys_guild_is_answered() -> None:
    status, asked, _ = send(command(guild_id=GUILD), CANARY, secret=OTHER_SECRET)
    assert (status, asked) == (200, ["command_betting"])


@pytest.mark.parametrize("guild", ["900000000000000002", "", None, 900000000000000001, [GUILD]])
def test_the_canarys_key_opens_no_other_guild(guild: Any) -> None:
    status, asked, record = send(command(guild_id=guild), CANARY, secret=OTHER_SECRET)
    assert (status, asked, record["outcome"]) == (401, [], "refused")


@pytest.mark.parametrize("guild", ["", None])
def test_without_a_guild_the_canarys_key_opens_nothing_but_a_ping(guild: Any) -> None:
    environ = {"CANARY_PUBLIC_KEY": OTHER_KEY.hex()}
    assert send(command(guild_id=guild), environ, secret=OTHER_SECRET)[0] == 401
    assert send({"type": 1, "id": snowflake()}, environ, secret=OTHER_SECRET)[0] == 200


def test_discords_own_key_is_bound_to_no_guild() -> None:
    assert send(command(guild_id="5"), CANARY)[0] == 200


def test_an_old_request_of_the_canary_is_refused_too() -> None:
    assert send({"type": 1, "id": snowflake()}, CANARY, secret=OTHER_SECRET, at=NOW - 3600)[0] == 401


def test_without_a_canary_its_key_opens_nothing() -> None:
    assert send({"type": 1, "id": snowflake()}, {}, secret=OTHER_SECRET)[0] == 401


def test_an_unusable_key_is_named_at_the_start() -> None:
    with pytest.raises(PublicKeyError):
        FrontDoor.from_environ({**ENVIRON, "CANARY_PUBLIC_KEY": "nonsense"})
