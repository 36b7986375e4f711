"""Commands as Discord is told of them, synced against the simulator."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from dbsbm import commands
from dbsbm.core.errors import SettingsError
from dbsbm.core.http import HttpRequest, HttpResponse
from dbsbm.discord.definitions import REGISTRY, CommandRoute, Option, OptionType, Registry, Result, Who
from dbsbm.discord.registration import Changes, registration, sync
from dbsbm.discord.rest import DiscordClient
from local.discord_simulator import Simulator


def _never(*_: Any) -> Result:
    raise AssertionError("not called here")


def _registry(*names: str, who: Who = Who.CAPPER, options: tuple[Option, ...] = ()) -> Registry:
    registry = Registry()
    for name in names:
        registry.commands[name] = CommandRoute(name, f"Does {name}", options, who, "inline", "command_guild", _never)
    return registry


class StillClock:
    def now(self) -> datetime:
        return datetime(2026, 9, 13, 15, 0, tzinfo=UTC)

    def sleep(self, seconds: float) -> None:
        """Time stands still."""


@pytest.fixture
def discord() -> Iterator[tuple[DiscordClient, int, list[str]]]:
    """The client of a simulated Discord, the application's id, and the methods of what was sent."""
    simulator = Simulator(StillClock(), seed=1)
    sent: list[str] = []

    def carry(request: HttpRequest) -> HttpResponse:
        sent.append(request.method)
        return simulator.handle(request)

    yield (
        DiscordClient(carry, "http://discord.test/api/v10", lambda: simulator.bot_token),
        simulator.application_id,
        sent,
    )


def test_subcommands_stand_inside_their_command() -> None:
    body = registration(_registry("capper add", "capper remove", "bet", "league nfl show", "league nfl hide"))
    assert [command["name"] for command in body] == ["bet", "capper", "league"]
    capper, league = body[1], body[2]
    assert [(entry["type"], entry["name"], entry["description"]) for entry in capper["options"]] == [
        (1, "add", "Does capper add"),
        (1, "remove", "Does capper remove"),
    ]
    (group,) = league["options"]
    assert (group["type"], group["name"]) == (2, "nfl")
    assert [entry["name"] for entry in group["options"]] == ["hide", "show"]


def test_rights_and_places() -> None:
    (admin,) = registration(_registry("setup", who=Who.ADMIN))
    assert (admin["default_member_permissions"], admin["contexts"], admin["integration_types"]) == ("32", [0], [0])
    (capper,) = registration(_registry("bet"))
    assert "default_member_permissions" not in capper
    (anyone,) = registration(_registry("help", who=Who.ANYONE))
    assert anyone["contexts"] == [0, 1]


def test_options_say_only_what_was_defined() -> None:
    options = (
        Option("pick", "The bet", required=True, autocomplete=True, max_length=300),
        Option("grade", "How it went", choices=(("Won", "won"), ("Lost", "lost"))),
        Option("units", "How many", OptionType.NUMBER, min_value=0.1, max_value=10),
        Option("where", "Which channel", OptionType.CHANNEL, channel_types=(0, 5)),
    )
    (command,) = registration(_registry("bet", options=options))
    assert command["options"] == [
        {
            "type": 3,
            "name": "pick",
            "description": "The bet",
            "required": True,
            "autocomplete": True,
            "max_length": 300,
        },
        {
            "type": 3,
            "name": "grade",
            "description": "How it went",
            "choices": [{"name": "Won", "value": "won"}, {"name": "Lost", "value": "lost"}],
        },
        {"type": 10, "name": "units", "description": "How many", "min_value": 0.1, "max_value": 10},
        {"type": 7, "name": "where", "description": "Which channel", "channel_types": [0, 5]},
    ]


@pytest.mark.parametrize(
    "registry",
    [
        _registry("capper", "capper add"),
        _registry("Bet"),
        _registry("bet", options=(Option("a", "x"), Option("b", "y", required=True))),
        _registry("bet", options=(Option("a", "x" * 101),)),
    ],
)
def test_what_discord_would_refuse_is_named_before_it_is_sent(registry: Registry) -> None:
    with pytest.raises(SettingsError):
        registration(registry)


def test_a_second_sync_sends_nothing(discord: tuple[DiscordClient, int, list[str]]) -> None:
    client, application_id, sent = discord
    options = (Option("n", "Count", OptionType.INTEGER, min_value=0, choices=(("none", 0), ("one", 1))),)
    body = registration(_registry("bet", "capper add", "capper remove", options=options))
    assert sync(body, client, application_id) == Changes(created=("bet", "capper"))
    assert not sync(body, client, application_id)
    assert sent == ["GET", "PUT", "GET"]


def test_commands_are_called_in_other_languages_as_their_catalogues_say(
    discord: tuple[DiscordClient, int, list[str]],
) -> None:
    options = (Option("n", "Count", choices=(("none", "no"), ("one", "yes"))),)
    german = {
        "command.capper.add.name": "hinzufügen",
        "command.capper.add.description": "Macht jemanden zum Tipper",
        "command.capper.add.n.name": "anzahl",
        "command.capper.add.n.choice.yes": "eins",
        "command.gone.name": "weg",
    }
    body = registration(_registry("capper add", "capper remove", options=options), {"de": german})
    added, removed = body[0]["options"]
    assert added["name_localizations"] == {"de": "hinzufügen"}
    assert added["description_localizations"] == {"de": "Macht jemanden zum Tipper"}
    assert added["options"][0]["name_localizations"] == {"de": "anzahl"}
    assert added["options"][0]["choices"][1] == {"name": "one", "value": "yes", "name_localizations": {"de": "eins"}}
    assert "weg" not in str(body)
    assert "name_localizations" not in removed
    client, application_id, sent = discord
    assert sync(body, client, application_id)
    assert not sync(body, client, application_id)
    assert sent == ["GET", "PUT", "GET"]


def test_a_name_in_another_language_that_discord_refuses_is_named_before_it_is_sent() -> None:
    with pytest.raises(SettingsError, match="name_localizations"):
        registration(_registry("bet"), {"de": {"command.bet.name": "Zwei Wörter"}})


def test_a_sync_says_what_changed(discord: tuple[DiscordClient, int, list[str]]) -> None:
    client, application_id, sent = discord
    sync(registration(_registry("bet", "old", "same")), client, application_id)
    changed = _registry("bet", "new", "same")
    changed.commands["bet"] = replace(changed.commands["bet"], description="Post a bet")
    changes = sync(registration(changed), client, application_id)
    assert changes == Changes(created=("new",), changed=("bet",), removed=("old",))
    assert not sync(registration(changed), client, application_id)
    assert sent.count("PUT") == 2


def test_the_products_own_commands_are_within_discords_limits(discord: tuple[DiscordClient, int, list[str]]) -> None:
    commands.load()
    client, application_id, _ = discord
    body = registration(REGISTRY)
    assert sync(body, client, application_id)
    assert not sync(body, client, application_id)
