"""``/manual``: a bet on what no feed of ours has – esports, novelties, futures – with the time it locks."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dbsbm.bets.model import Pick
from dbsbm.bets.reading import Typed
from dbsbm.bets.selection import Selection
from dbsbm.betting.markets import Market, Side
from dbsbm.betting.odds import Odds
from dbsbm.betting.stakes import parse_units
from dbsbm.commands import bet as bet_command
from dbsbm.commands import rights
from dbsbm.commands.words.catalogue import Words
from dbsbm.core.errors import InputError
from dbsbm.discord.definitions import Context, Option, Result, Who, command
from dbsbm.guilds.repository import GuildRepository

FUNCTION = bet_command.FUNCTION
_NAME_MAX = 100
_FURTHEST = timedelta(days=400)
_IN = re.compile(r"in\s+(\d{1,4})\s*(m|min|minutes?|h|hours?|d|days?)", re.ASCII)
_UNIT = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


@command(
    "manual",
    "Post a bet on anything else: esports, novelties, futures. Somebody else grades it",
    who=Who.CAPPER,
    function=FUNCTION,
    options=(
        Option("event", "What it is about, for example: Worlds final, T1 v Gen.G", required=True, max_length=_NAME_MAX),
        Option("pick", "What you bet on, for example: T1 to win", required=True, max_length=_NAME_MAX),
        Option("odds", "The price, for example +120", required=True, max_length=24),
        Option("locks", "When it locks: 2026-11-02 18:00, or in 3h", required=True, max_length=40),
        Option("units", "The stake, for example 1u", max_length=24),
        Option("kind", "What kind of bet", choices=(("Esports or novelty", "manual"), ("Future", "future"))),
    ),
)
def manual(ctx: Context) -> Result:
    words = Words(ctx.person.locale)
    guild = rights.ready(GuildRepository(ctx.session, rights.guild_id_of(ctx)).guild(), words)
    options = {name: " ".join(str(value).split()) for name, value in ctx.interaction.options.items()}
    for field in ("event", "pick"):
        if not options[field]:
            raise InputError(field, "", words.plain("problem.empty"), "T1 to win")
    selection = Selection(
        game_id=0,
        league=options.get("kind", "manual"),
        home=options["event"][:_NAME_MAX],
        away="",
        starts_at=lock_time(options["locks"], guild.zone, ctx.interaction.created_at, words),
        market=Market.FUTURE if options.get("kind") == "future" else Market.MANUAL,
        side=Side.YES,
        line_q=0,
        odds=Odds.parse(options["odds"]),
        player=options["pick"][:_NAME_MAX],
    )
    units = options.get("units", "")
    amount = parse_units(units) if units else guild.default_units_micro
    found = Typed.straight((Pick(selection, amount, guild.stake_mode, () if units else ("stake",)),))
    bet_command.check(found, guild)
    return bet_command.opened(ctx, options["pick"], found, guild)


def lock_time(typed: str, zone: ZoneInfo, now: datetime, words: Words) -> datetime:
    """ "2026-11-02 18:00" in the guild's zone, or "in 3h".

    Raises
    ------
    InputError
        When it cannot be read, is over, or is more than 400 days away.
    """
    example = (now.astimezone(zone) + timedelta(days=1)).strftime("%Y-%m-%d %H:%M")
    after = _IN.fullmatch(typed.strip().lower())
    if after:
        moment = now + int(after[1]) * _UNIT[after[2][0]]
    else:
        try:
            moment = datetime.fromisoformat(typed.strip())
        except ValueError as error:
            raise InputError("lock time", typed, words.plain("problem.time"), example) from error
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    if not now < moment <= now + _FURTHEST:
        raise InputError("lock time", typed, words.plain("problem.lock"), example)
    return moment
