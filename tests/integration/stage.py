"""A guild, its people and the upcoming games, for tests that send interactions to the runner on a real database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pymysql

from dbsbm import commands
from dbsbm.betting.markets import Market, Side
from dbsbm.betting.odds import Odds
from dbsbm.commands import runner
from dbsbm.core.ids import EPOCH_MS
from dbsbm.discord import serialize
from dbsbm.discord.limits import check_callback, check_message, check_webhook_message
from dbsbm.environment import Environment
from dbsbm.games.model import GameReport, Offer, ScoreReport
from dbsbm.games.service import ingest
from dbsbm.render.draw import render
from dbsbm.wiring import build
from tests.integration.moments import HandClock
from tests.keyring import HeldRing
from tests.pictures import drawn_once

Json = dict[str, Any]
NOW = datetime(2026, 9, 13, 15, 0, tzinfo=UTC)
KICK_OFF = datetime(2026, 9, 14, 0, 20, tzinfo=UTC)
APPLICATION_ID = 111
MANAGE_GUILD = 1 << 5
ALL_RIGHTS = (1 << 10) | (1 << 11) | (1 << 15) | (1 << 16) | (1 << 29)
SLIPS, CAPPER_ROLE, ADMIN_ROLE = 7001, 8001, 8002
_CALLBACKS = {"message": 4, "update": 7, "choices": 8, "modal": 9}
_OPTION_TYPES = {"user": 6, "slip_channel": 7, "capper_role": 8, "admin_role": 8}


@dataclass(frozen=True)
class Someone:
    """A member as Discord describes one."""

    user_id: int
    name: str
    roles: tuple[int, ...] = ()
    permissions: int = 0
    nick: str | None = None

    def member(self) -> Json:
        return {
            "user": {"id": str(self.user_id), "username": self.name, "global_name": None, "avatar": None},
            "nick": self.nick,
            "avatar": None,
            "roles": [str(role) for role in self.roles],
            "permissions": str(self.permissions),
        }


OWNER = Someone(9001, "olga", permissions=MANAGE_GUILD)
ANN = Someone(9002, "ann", roles=(CAPPER_ROLE,), nick="Ann the Sharp")
BOB = Someone(9003, "bob")
GRADER = Someone(9004, "gina", roles=(ADMIN_ROLE,))


@dataclass
class Seen:
    """The answer to one interaction."""

    kind: str
    data: Json
    images: Sequence[Json] = ()

    @property
    def text(self) -> str:
        return "\n".join(part["content"] for part in self._parts(10))

    @property
    def private(self) -> bool:
        return bool(self.data.get("flags", 0) & 64)

    def button(self, label: str) -> str:
        return next(str(part["custom_id"]) for part in self._parts(2) if part["label"] == label)

    @property
    def labels(self) -> list[str]:
        return [part["label"] for part in self._parts(2)]

    def select(self) -> Json:
        return next(iter(self._parts(3)))

    def _parts(self, wanted: int) -> list[Json]:
        found: list[Json] = []
        queue = list(self.data.get("components", ()))
        while queue:
            part = queue.pop(0)
            queue = [*part.get("components", ()), *queue]
            if part["type"] == wanted:
                found.append(part)
        return found


@dataclass
class Stage:
    """One guild's world. ``guild_id`` None sends interactions from a direct message."""

    environment: Environment
    clock: HandClock
    database_url: str
    guild_id: int | None = 5001
    nudges: list[Json] = field(default_factory=list)
    _sent: list[int] = field(default_factory=lambda: [0])

    def slash(self, who: Someone, command: str, /, mode: str = "inline", **options: Any) -> Seen:
        return self.send(self.command(who, command, **options), mode)

    def command(self, who: Someone, path: str, /, kind: int = 2, focused: str = "", **options: Any) -> Json:
        values = [self._option(key, value, key == focused) for key, value in options.items()]
        first, *below = path.split(" ")
        for sub in reversed(below):
            values = [{"type": 1, "name": sub, "options": values}]
        resolved = {
            "users": {str(one.user_id): one.member()["user"] for one in (OWNER, ANN, BOB, GRADER)},
            "members": {
                str(one.user_id): {k: v for k, v in one.member().items() if k != "user"}
                for one in (OWNER, ANN, BOB, GRADER)
            },
            "channels": {str(SLIPS): {"id": str(SLIPS), "type": 0, "app_permissions": str(ALL_RIGHTS)}},
        }
        return self._interaction(who, kind, {"id": "1", "name": first, "options": values, "resolved": resolved})

    def click(self, who: Someone, custom_id: str, *values: str, mode: str = "inline") -> Seen:
        return self.send(self.pressed(who, custom_id, *values), mode)

    def pressed(self, who: Someone, custom_id: str, *values: str) -> Json:
        data: Json = {"custom_id": custom_id, "component_type": 3 if values else 2}
        if values:
            data["values"] = list(values)
        return self._interaction(who, 3, data)

    def submit(self, who: Someone, form: Json, **fields: str) -> Seen:
        """Submit a modal as shown, with some of its fields changed."""
        labels = [
            {
                "type": 18,
                "component": {**label["component"], "value": fields.get(name, label["component"].get("value"))},
            }
            for label in form["components"]
            for name in [label["component"]["custom_id"]]
        ]
        interaction = self._interaction(who, 5, {"custom_id": form["custom_id"], "components": labels})
        return self.send({**interaction, "message": {"id": "7003"}})

    def complete(self, who: Someone, typed: str) -> list[Json]:
        seen = self.send(self.command(who, "bet", kind=4, focused="pick", pick=typed))
        choices: list[Json] = seen.data["choices"]
        return choices

    def send(self, interaction: Json, mode: str = "inline") -> Seen:
        event: Json = {"v": 1, "mode": mode, "route": "test", "received_at_ms": 0, "interaction": interaction}
        if mode == "deferred":
            event["deferral"] = 5 if interaction["type"] == 2 else 6
        answer = json.loads(json.dumps(runner.run(json.loads(json.dumps(event)), self.environment)))
        if mode == "inline":
            callback = {"type": _CALLBACKS[answer["kind"]], "data": answer["data"]}
            from_component = "message" in interaction
            kind = interaction["type"]
            problems = check_callback(callback, interaction_type=kind, from_component=from_component, was_v2=True)
            assert problems == [], problems
        return Seen(answer["kind"], answer["data"], answer["images"])

    def close(self) -> None:
        """End the connection, once everything left in the outbox is something that Discord takes."""
        self.environment.database.close()
        views: dict[str, Json] = {}
        for row in self.rows("SELECT kind, target, content, images FROM outbox"):
            body = serialize.message(json.loads(row["content"]))
            if row["kind"] == "slip.post":
                named = {name: json.loads(row["target"])[name] for name in ("username", "avatar_url")}
                problems = check_webhook_message({**body, **named}, has_files=True)
            else:
                problems = check_message(body, edit=row["kind"] != "message.post", was_v2=True, has_files=True)
            assert problems == [], (row["kind"], problems)
            views.update((image["template"], image["view"]) for image in json.loads(row["images"]))
        with drawn_once():
            for template, view in views.items():
                assert render(template, view).startswith(b"\x89PNG")

    def rows(self, sql: str, *params: Any) -> list[Json]:
        """What is committed, as another connection sees it."""
        host = self.database_url.split("@")[1]
        address, schema = host.split("/")
        name, port = address.split(":")
        connection = pymysql.connect(
            host=name, port=int(port), user="root", database=schema, cursorclass=pymysql.cursors.DictCursor
        )
        with connection, connection.cursor() as cursor:
            cursor.execute(sql, params or None)
            return list(cursor.fetchall())

    def count(self, table: str) -> int:
        return int(self.rows(f"SELECT COUNT(*) AS n FROM {table}")[0]["n"])

    def game(self, away: str, home: str, starts_at: datetime = KICK_OFF, offers: Sequence[Offer] = ()) -> None:
        report = GameReport("test", f"{away[:20]}-{home[:20]}", "nfl", home, away, starts_at, self.clock.now(), offers)
        ingest(self.environment.database.run, self.environment.cache, self.environment.ids, games=[report])

    def final(
        self,
        away: str,
        home: str,
        away_score: int,
        home_score: int,
        starts_at: datetime = KICK_OFF,
        *,
        over: bool = True,
    ) -> None:
        now = self.clock.now()
        report = ScoreReport(
            "test", f"{away[:20]}-{home[:20]}", "nfl", home, away, starts_at, now, now, home_score, away_score, over
        )
        ingest(self.environment.database.run, self.environment.cache, self.environment.ids, scores=[report])

    def ready(self) -> Stage:
        """Set up, with Ann as a capper and Chiefs @ Raiders on the board."""
        self.game("Kansas City Chiefs", "Las Vegas Raiders", offers=chiefs_offers(self.clock.now()))
        self.slash(OWNER, "setup", slip_channel=SLIPS, capper_role=CAPPER_ROLE, admin_role=ADMIN_ROLE)
        self.slash(OWNER, "capper add", user=ANN.user_id)
        return self

    def posted(self, pick: str = "chiefs -3 -110 2u") -> int:
        """A bet of Ann's; returns its id."""
        self.click(ANN, self.slash(ANN, "bet", pick=pick).button("Post"))
        return int(self.rows("SELECT MAX(bet_id) AS bet_id FROM bets")[0]["bet_id"])

    def elsewhere(self, guild_id: int | None) -> Stage:
        return replace(self, guild_id=guild_id)

    def _option(self, name: str, value: Any, focused: bool) -> Json:
        kind = _OPTION_TYPES.get(name, 3)
        option: Json = {"name": name, "type": kind, "value": str(value)}
        return {**option, "focused": True} if focused else option

    def _interaction(self, who: Someone, kind: int, data: Json) -> Json:
        self._sent[0] += 1
        milliseconds = int(self.clock.now().timestamp() * 1000) - EPOCH_MS
        document: Json = {
            "id": str(milliseconds << 22 | self._sent[0]),
            "application_id": str(APPLICATION_ID),
            "type": kind,
            "token": f"token-{self._sent[0]}",
            "version": 1,
            "channel_id": "7002",
            "locale": "en-US",
            "data": data,
        }
        if self.guild_id is None:
            return {**document, "user": who.member()["user"]}
        return {**document, "guild_id": str(self.guild_id), "member": who.member()}


def chiefs_offers(at: datetime) -> list[Offer]:
    return [
        Offer("book_a", Market.SPREAD, Side.AWAY, -12, Odds.from_american(-110), at),
        Offer("book_a", Market.SPREAD, Side.HOME, 12, Odds.from_american(-110), at),
        Offer("book_b", Market.SPREAD, Side.AWAY, -12, Odds.from_american(-108), at),
        Offer("book_a", Market.MONEYLINE, Side.AWAY, 0, Odds.from_american(-160), at),
        Offer("book_a", Market.MONEYLINE, Side.HOME, 0, Odds.from_american(+140), at),
        Offer("book_a", Market.TOTAL, Side.OVER, 4 * 44 + 2, Odds.from_american(-105), at),
        Offer("book_a", Market.TOTAL, Side.UNDER, 4 * 44 + 2, Odds.from_american(-115), at),
    ]


def open_stage(database_url: str, seed: int = 7) -> Stage:
    """A world with nothing in it yet."""
    commands.load()
    clock = HandClock(NOW)
    nudges: list[Json] = []

    def invoke(function: str, payload: Json, *, asynchronous: bool, timeout_s: float) -> None:
        nudges.append({"function": function, **payload})

    environ = {"DATABASE_URL": database_url, "TOKEN_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="}
    environment = build(environ, clock=clock, random=Random(seed), invoke=invoke, keyring=HeldRing())
    return Stage(environment, clock, database_url, nudges=nudges)


def later(stage: Stage, **time: float) -> None:
    stage.clock.sleep(timedelta(**time).total_seconds())
