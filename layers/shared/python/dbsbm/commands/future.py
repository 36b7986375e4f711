"""``/future``: a season's or tournament's bet the guided way, each field completed from the last; also each way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dbsbm.bets import reading
from dbsbm.bets.model import Pick
from dbsbm.bets.reading import Typed
from dbsbm.bets.selection import Selection
from dbsbm.betting.catalogue import League, catalogue
from dbsbm.betting.futures import load_futures
from dbsbm.betting.markets import Market, Side
from dbsbm.betting.names import load_roster, plain
from dbsbm.betting.odds import Odds
from dbsbm.betting.stakes import parse_units
from dbsbm.commands import bet as bet_command
from dbsbm.commands import races, rights, wording
from dbsbm.commands.manual import lock_time
from dbsbm.commands.words.catalogue import Words
from dbsbm.core.errors import InputError
from dbsbm.discord.definitions import Context, Option, Result, Who, autocomplete, command
from dbsbm.games.leagues import schedule_name
from dbsbm.games.repository import GameRepository
from dbsbm.guilds.model import Guild
from dbsbm.guilds.repository import GuildRepository

FUNCTION = bet_command.FUNCTION
_MAX = 25
_NAME_MAX = 100
_LOCKS = ("in 1d", "in 7d", "in 30d", "in 90d")
_TERMS = tuple(
    (f"1/{part} of the odds, {places} places", f"{part} {places}")
    for part, counts in ((3, (2,)), (4, (2, 3, 4)), (5, (3, 4, 5, 6, 8, 10)))
    for places in counts
)


@command(
    "future",
    "Post a future: who wins a season, a tournament or an award. Somebody else grades it",
    who=Who.CAPPER,
    function=FUNCTION,
    options=(
        Option("league", "Which league", required=True, autocomplete=True, max_length=40),
        Option("market", "What is won, for example: Super Bowl winner", required=True, autocomplete=True),
        Option("pick", "Who wins it", required=True, autocomplete=True),
        Option("odds", "The price, for example +1200", required=True, max_length=24),
        Option("locks", "When it locks: 2026-11-02 18:00, or in 3d", required=True, autocomplete=True),
        Option("units", "The stake, for example 1u; each way, the stake on each part", max_length=24),
        Option("each_way", "Also to be placed: at which part of the odds", choices=_TERMS),
    ),
)
def future(ctx: Context) -> Result:
    words = Words(ctx.person.locale)
    guild = rights.ready(GuildRepository(ctx.session, rights.guild_id_of(ctx)).guild(), words)
    options = {name: " ".join(str(value).split()) for name, value in ctx.interaction.options.items()}
    for field in ("market", "pick"):
        if not options[field]:
            raise InputError(field, "", words.plain("problem.empty"), "Super Bowl winner")
    selection = _selection(ctx, options, guild, words)
    units = options.get("units", "")
    amount = parse_units(units) if units else guild.default_units_micro
    pick = Pick(selection, amount, guild.stake_mode, () if units else ("stake",))
    found = _each_way(pick, options["each_way"], words) if "each_way" in options else Typed.straight((pick,))
    bet_command.check(found, guild)
    return bet_command.opened(ctx, options["pick"], found, guild)


def _selection(ctx: Context, options: dict[str, str], guild: Guild, words: Words) -> Selection:
    """A race locks when it starts; everything else when the capper says so."""
    league = _league(options["league"], words)
    season = Selection(
        game_id=0,
        league=schedule_name(league.league_id),
        home=f"{league.name} {options['market']}"[:_NAME_MAX],
        away="",
        starts_at=lock_time(options["locks"], guild.zone, ctx.interaction.created_at, words),
        market=Market.FUTURE,
        side=Side.YES,
        line_q=0,
        odds=Odds.parse(options["odds"]),
        player=options["pick"][:_NAME_MAX],
    )
    found = races.named(ctx, league, options["market"], words)
    if found is None:
        return season
    race, stat = found
    return replace(season, game_id=race.game_id, home=race.home, starts_at=race.starts_at, stat=stat)


@autocomplete("future", "league", function=FUNCTION)
def offered_leagues(_: Context, typed: str) -> Sequence[tuple[str, str]]:
    wanted = plain(typed)
    leagues = catalogue().leagues.values()
    return [(each.name, each.league_id) for each in leagues if wanted in plain(f"{each.name} {each.league_id}")][:_MAX]


@autocomplete("future", "market", function=FUNCTION)
def offered_markets(ctx: Context, typed: str) -> Sequence[tuple[str, str]]:
    league = _asked_league(ctx)
    wanted = plain(typed)
    known = [
        each.name for each in load_futures() if not each.places and (league is None or each.league == league.league_id)
    ]
    known += races.markets(ctx, league) if league is not None else []
    found = [name for name in dict.fromkeys(known) if wanted in plain(name)]
    own = [typed.strip()[:_NAME_MAX]] if typed.strip() and not found else []
    return [(name, name) for name in (*found, *own)][:_MAX]


@autocomplete("future", "pick", function=FUNCTION)
def offered_picks(ctx: Context, typed: str) -> Sequence[tuple[str, str]]:
    league, wanted, roster = _asked_league(ctx), plain(typed), load_roster()
    if league is None:
        return ()
    market = str(ctx.interaction.options.get("market") or "")
    name = market.rpartition(": ")[2]
    of = next((each.of for each in load_futures() if (each.league, each.name) == (league.league_id, name)), "")
    teams = [team.name for team in roster.teams if league.league_id in team.leagues] if of != "player" else []
    players = [player.name for player in roster.players if player.league == league.league_id] if of != "team" else []
    found = [name for name in (*teams, *players) if wanted in plain(name)]
    own = [typed.strip()[:_NAME_MAX]] if typed.strip() and not found else []
    return [(name, name) for name in (*found, *own)][:_MAX]


@autocomplete("future", "locks", function=FUNCTION)
def offered_locks(ctx: Context, typed: str) -> Sequence[tuple[str, str]]:
    """The league's next game, some usual times, and what is typed."""
    words, league = Words(ctx.person.locale), _asked_league(ctx)
    guild = GuildRepository(ctx.session, rights.guild_id_of(ctx)).guild()
    offers: list[tuple[str, str]] = []
    if guild is not None and league is not None:
        games = GameRepository(ctx.session)
        coming = games.upcoming(ctx.clock.now(), limit=1, leagues=[schedule_name(league.league_id)])
        ahead = [game.starts_at for game in coming]
        if ahead:
            local = min(ahead).astimezone(guild.zone)
            when = wording.full_time(min(ahead), guild.zone, words)
            offers.append((words.plain("future.lock_next", when=when), f"{local:%Y-%m-%d %H:%M}"))
    offers += [(each, each) for each in _LOCKS]
    own = typed.strip()[:40]
    matching = [(name, value) for name, value in offers if own.lower() in name.lower() or own in value]
    return matching or [(own, own)]


def _each_way(pick: Pick, terms: str, words: Words) -> Typed:
    """Raises InputError for terms that were not offered: a person can send anything here."""
    if terms not in {value for _, value in _TERMS}:
        raise InputError("terms", terms, words.plain("problem.terms"), "1/5 of the odds, 5 places")
    part, places = (int(number) for number in terms.split())
    return reading.each_way(pick, (1, part), places)


def _league(typed: str, words: Words) -> League:
    wanted = plain(typed)
    for league in catalogue().leagues.values():
        if wanted in {plain(league.league_id), plain(league.name), *(plain(alias) for alias in league.aliases)}:
            return league
    raise InputError("league", typed, words.plain("problem.league"), "NFL")


def _asked_league(ctx: Context) -> League | None:
    try:
        return _league(str(ctx.interaction.options.get("league") or ""), Words(ctx.person.locale))
    except InputError:
        return None
