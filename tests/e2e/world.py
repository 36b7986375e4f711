"""The whole system in one process: the local cloud, the Discord simulator, a real database, a virtual clock."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from urllib.parse import urlsplit

from dbsbm import commands
from dbsbm.bets import slate
from dbsbm.betting.markets import Market, Side
from dbsbm.betting.odds import Odds
from dbsbm.commands.words.catalogue import command_words
from dbsbm.core.http import HttpRequest, HttpResponse, Transport
from dbsbm.core.ids import Ids
from dbsbm.core.transport import PooledTransport
from dbsbm.database.connection import connect_from_url
from dbsbm.database.database import Database
from dbsbm.database.session import Row
from dbsbm.discord.definitions import REGISTRY
from dbsbm.discord.registration import registration, sync
from dbsbm.discord.rest import DiscordClient
from dbsbm.games import service
from dbsbm.games.model import GameReport, Offer, ScoreReport
from dbsbm.games.service import store_games, store_scores
from infra.catalog import CATALOG, Catalog, Function, HttpRoute, Schedule
from local.cloud import Cloud, Faults, VirtualClock
from local.cloud.clock import MovableClock
from local.discord_simulator import GuildPlace, Person, Seen, Simulator
from tests.pictures import drawn_once

NOW = datetime(2026, 9, 13, 15, 0, tzinfo=UTC)
KICK_OFF = datetime(2026, 9, 14, 0, 20, tzinfo=UTC)
DISCORD_URL = "http://127.0.0.1:8090/api/v10"
ODDS_URL = "http://odds.example"
SCORES_URL = "http://scores.example"
PUBLIC_URL = "https://dbsbm.example"
OPERATORS = ("opal", "otto")
"""Who operates the service: people in no guild, ``world.simulator.person("opal")``."""


@dataclass
class World:
    """A guild "Sharp Side" with its people; nothing is set up yet."""

    cloud: Cloud
    simulator: Simulator
    clock: MovableClock
    database: Database
    guild: GuildPlace
    olga: Person
    ann: Person
    bob: Person
    gina: Person

    def settled(self, seen: Seen) -> Seen:
        """The same after everything that was under way has happened."""
        self.cloud.run_until_idle()
        return seen

    def set_up(self, starts_at: datetime = KICK_OFF) -> World:
        """Slip channel, roles, Ann a capper, Chiefs @ Raiders on the board."""
        self.game(starts_at=starts_at)
        roles = {"capper_role": self.guild.role("capper"), "admin_role": self.guild.role("grader")}
        self.olga.slash("setup", slip_channel=self.guild.channel("slips"), **roles)
        self.olga.slash("capper add", user=self.ann)
        return self

    def game(
        self, away: str = "Kansas City Chiefs", home: str = "Las Vegas Raiders", starts_at: datetime = KICK_OFF
    ) -> None:
        now = self.clock.now()
        report = GameReport("test", f"{away}-{home}", "nfl", home, away, starts_at, now, offers(now))
        ids = Ids(self.clock, Random(report.provider_game_id))
        self.database.run(lambda session: store_games(session, ids, [report]))

    def final(
        self,
        away_score: int,
        home_score: int,
        away: str = "Kansas City Chiefs",
        home: str = "Las Vegas Raiders",
        provider: str = "test",
    ) -> None:
        now = self.clock.now()
        source = f"{away}-{home}"
        report = ScoreReport(
            provider,
            source,
            "nfl",
            home,
            away,
            KICK_OFF,
            now,
            now,
            away_score=away_score,
            home_score=home_score,
            final=True,
        )
        self.database.run(lambda session: store_scores(session, Ids(self.clock, Random(4)), [report]))

    def rows(self, sql: str, *params: Any) -> Sequence[Row]:
        with self.database.read() as session:
            return session.all(sql, params)

    def slips(self, person: Person) -> list[Seen]:
        """What somebody sees in the slip channel."""
        self.cloud.run_until_idle()
        return self.guild.channel("slips").seen_by(person)


def on_schedule(**schedules: str) -> Catalog:
    """The catalog with these schedules alone, e.g. ``delivery="rate(30 minutes)"``: for worlds that live long."""

    def rescheduled(function: Function) -> Function:
        kept = [each for each in function.triggers if isinstance(each, HttpRoute)]
        rate = schedules.get(function.name)
        return replace(function, triggers=(*kept, Schedule(rate)) if rate else tuple(kept))

    return replace(CATALOG, functions=tuple(rescheduled(function) for function in CATALOG.functions))


def without(*names: str) -> Catalog:
    """The catalog with these functions on no schedule: each minute of virtual time costs real milliseconds."""
    functions = (replace(each, triggers=()) if each.name in names else each for each in CATALOG.functions)
    return replace(CATALOG, functions=tuple(functions))


QUIET = without("job_canary")
"""``test_canary.py`` alone has it."""
PLAIN = without(
    *("job_canary", "job_compliance", "job_audit_sequence", "job_audit_check", "job_backup", "job_keys", "job_secrets")
)
"""What looks after the service itself runs in its own tests: it takes a second an hour, and a moto of its own."""


def nothing_to_report(request: HttpRequest) -> HttpResponse:
    """An odds provider without a game."""
    return HttpResponse(200, {"content-type": "application/json"}, b"[]")


def providers(odds: Transport = nothing_to_report, scores: Transport | None = None) -> Transport:
    """Both sources; the second one has no games unless it is given."""

    def carry(request: HttpRequest) -> HttpResponse:
        if urlsplit(request.url).hostname != urlsplit(SCORES_URL).hostname:
            return odds(request)
        if scores is not None:
            return scores(request)
        return HttpResponse(200, {"content-type": "application/json"}, b'{"events":[]}')

    return carry


@contextmanager
def opened(
    database_url: str,
    seed: int = 0,
    faults: Faults | None = None,
    clock: VirtualClock | None = None,
    sources: Transport | None = None,
    *,
    more: Mapping[str, str] | None = None,
    catalog: Catalog = PLAIN,
    all_drawn: bool = "DBSBM_NIGHTLY" in os.environ,
) -> Iterator[World]:
    """A world that ends with the block. ``sources`` stands where the providers are; without it they have no games.

    ``more`` are further settings. ``all_drawn``: somebody looks at the pictures (``tests/pictures.py``).
    """
    for memo in (service._boards, slate._slates):
        memo.clear()  # of an earlier world in this interpreter, whose versions were drawn from the same seed
    clock = clock or VirtualClock(NOW)
    simulator = Simulator(clock, seed)
    settings = {**settings_of(simulator, database_url), **(more or {})}
    outside = _outside(simulator, sources or providers())
    with (
        nullcontext() if all_drawn else drawn_once(),
        Cloud(catalog, clock, seed, faults, settings=settings, outside=outside) as cloud,
    ):
        yield from peopled(cloud, simulator, clock, database_url)


def settings_of(simulator: Simulator, database_url: str) -> dict[str, str]:
    """The stage's values and the operator's secrets."""
    return {
        "DATABASE_URL": database_url,
        "DISCORD_PUBLIC_KEY": simulator.public_key_hex,
        "DISCORD_APPLICATION_ID": str(simulator.application_id),
        "DISCORD_API_BASE_URL": DISCORD_URL,
        "DISCORD_CDN_BASE_URL": DISCORD_URL.replace("/api/v10", "/cdn"),
        "DISCORD_BOT_TOKEN": simulator.bot_token,
        "ODDS_API_BASE_URL": ODDS_URL,
        "ODDS_API_KEY": "key",
        "ODDS_API_MONTHLY_CREDITS": "1000000",
        "ESPN_BASE_URL": SCORES_URL,
        "PUBLIC_URL": PUBLIC_URL,
        "WEBHOOK_LOOPBACK": "true",
        "DBSBM_OPERATORS": ",".join(f"{name}={simulator.user(name).id}" for name in OPERATORS),
        "FLAGS_BUCKET": "",  # months pass within seconds here: tests/e2e/test_limits.py has limits of its own
    }


def peopled(cloud: Cloud, simulator: Simulator, clock: MovableClock, database_url: str) -> Iterator[World]:
    """The guild and its people, the commands registered, interactions sent to the cloud."""
    commands.load()
    simulator.connect(cloud.http)
    simulator.events.connect(cloud.http)
    client = DiscordClient(simulator.handle, DISCORD_URL, lambda: simulator.bot_token)
    sync(registration(REGISTRY, command_words()), client, simulator.application_id)
    guild = simulator.guild("Sharp Side")
    guild.channel("slips")
    database = Database(lambda: connect_from_url(database_url), clock)
    yield World(
        cloud=cloud,
        simulator=simulator,
        clock=clock,
        database=database,
        guild=guild,
        olga=guild.user("olga", role="admin"),
        ann=guild.user("ann", role="capper", nick="Ann the Sharp"),
        bob=guild.user("bob"),
        gina=guild.user("gina", role="grader"),
    )
    database.close()


def _outside(simulator: Simulator, sources: Transport) -> Transport:
    """Discord answers as Discord, the providers as they are given."""

    network = PooledTransport()

    def carry(request: HttpRequest) -> HttpResponse:
        if request.connect_to:
            return network(request)
        ours = {urlsplit(ODDS_URL).hostname, urlsplit(SCORES_URL).hostname}
        return (sources if urlsplit(request.url).hostname in ours else simulator.handle)(request)

    return carry


def offers(at: datetime) -> list[Offer]:
    return [
        Offer("book_a", Market.SPREAD, Side.AWAY, -12, Odds.from_american(-110), at),
        Offer("book_a", Market.SPREAD, Side.HOME, 12, Odds.from_american(-110), at),
        Offer("book_b", Market.SPREAD, Side.AWAY, -12, Odds.from_american(-108), at),
        Offer("book_a", Market.MONEYLINE, Side.AWAY, 0, Odds.from_american(-160), at),
        Offer("book_a", Market.MONEYLINE, Side.HOME, 0, Odds.from_american(+140), at),
        Offer("book_a", Market.TOTAL, Side.OVER, 178, Odds.from_american(-105), at),
        Offer("book_a", Market.TOTAL, Side.UNDER, 178, Odds.from_american(-115), at),
    ]


def distinct_pick(number: int) -> str:
    """One of eighty picks of 2 u at −110: the same bet soon after itself would be asked about."""
    sign = "-" if number % 80 < 40 else "+"
    return f"chiefs {sign}{1 + number % 40 / 2:g} -110 2u"


def after(world: World, **time: float) -> None:
    """Let time pass for everybody: each schedule runs as often as it would, an hour in two seconds."""
    world.cloud.advance(timedelta(**time).total_seconds())


def later(world: World, **time: float) -> None:
    """Go to a later moment at once, as after an outage: for tests that care when it is, not what ran meanwhile."""
    world.cloud.skip_to(world.clock.now() + timedelta(**time))
