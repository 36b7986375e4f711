"""``/prop``: a player's statistic the guided way, each field completed from the one before."""

from __future__ import annotations

from collections.abc import Sequence

from dbsbm.bets.model import Pick
from dbsbm.bets.reading import Typed
from dbsbm.bets.selection import Selection
from dbsbm.bets.slate import Slate, main_price
from dbsbm.betting.catalogue import StatType, catalogue
from dbsbm.betting.markets import Market, Side, format_line, parse_line
from dbsbm.betting.names import Player, plain
from dbsbm.betting.odds import Odds
from dbsbm.betting.stakes import parse_units
from dbsbm.commands import bet as bet_command
from dbsbm.commands import rights, wording
from dbsbm.commands.teams import nickname
from dbsbm.commands.words.catalogue import Words
from dbsbm.core.errors import InputError
from dbsbm.discord.components import OPTION_MAX, cut
from dbsbm.discord.definitions import Context, Option, Result, Who, autocomplete, command
from dbsbm.games.model import Price
from dbsbm.guilds.model import Guild
from dbsbm.guilds.repository import GuildRepository

FUNCTION = bet_command.FUNCTION
_MAX = 25
_WORDS = {"over": Side.OVER, "o": Side.OVER, "under": Side.UNDER, "u": Side.UNDER}


@command(
    "prop",
    "Post a bet on a player's statistic: player, statistic, line",
    who=Who.CAPPER,
    function=FUNCTION,
    options=(
        Option("player", "Who: players with a game ahead", required=True, autocomplete=True),
        Option("stat", "Which statistic", required=True, autocomplete=True),
        Option("line", "For example: over 275.5, or yes", required=True, autocomplete=True),
        Option("odds", "The price, for example -115; left out: the best one offered", max_length=24),
        Option("units", "The stake, for example 1u", max_length=24),
    ),
)
def prop(ctx: Context) -> Result:
    words = Words(ctx.person.locale)
    guild = rights.ready(GuildRepository(ctx.session, rights.guild_id_of(ctx)).guild(), words)
    options = {name: str(value).strip() for name, value in ctx.interaction.options.items()}
    board = bet_command.slate_now(ctx)
    player = _player(options["player"], board, words)
    stat = _stat(options["stat"], player, words)
    side, line_q = _line(options["line"], stat, words)
    game = _next_game(player, board, words)
    typed_odds = options.get("odds", "")
    offers = board.offers(game, Market.PLAYER_PROP, player.name, stat.stat_id)
    odds = Odds.parse(typed_odds) if typed_odds else _best(offers, player.name, (side, line_q), guild, words)
    base = Selection.of(board.games[game], Market.PLAYER_PROP, side, line_q, odds)
    selection = Selection.from_json({**base.to_json(), "player": player.name, "stat": stat.stat_id})
    units = options.get("units", "")
    amount = parse_units(units) if units else guild.default_units_micro
    filled = (*(() if typed_odds else ("odds",)), *(() if units else ("stake",)))
    pick = Pick(selection, amount, guild.stake_mode, filled)
    found = Typed.straight((pick,))
    bet_command.check(found, guild)
    return bet_command.opened(ctx, wording.pick_name(selection, words), found, guild)


@autocomplete("prop", "player", function=FUNCTION)
def offered_players(ctx: Context, typed: str) -> Sequence[tuple[str, str]]:
    board, wanted = bet_command.slate_now(ctx), plain(typed)
    found = [
        (f"{player.name} · {nickname(player.team, player.league.lower())}"[:100], player.name)
        for player in board.index.roster.players
        if wanted in plain(player.name) and board.index.of_team(player.team)
    ]
    return found[:_MAX]


@autocomplete("prop", "stat", function=FUNCTION)
def offered_stats(ctx: Context, typed: str) -> Sequence[tuple[str, str]]:
    words = Words(ctx.person.locale)
    try:
        player = _player(str(ctx.interaction.options.get("player") or ""), bet_command.slate_now(ctx), words)
    except InputError:
        return ()
    wanted = plain(typed)
    words = Words(ctx.person.locale)
    fitting = [stat for stat in _stats_of(player) if _matches(stat, wanted)][:_MAX]
    return [(_capital(words.plain_or(f"stat.{stat.stat_id}", stat.name)), stat.stat_id) for stat in fitting]


@autocomplete("prop", "line", function=FUNCTION)
def offered_lines(ctx: Context, typed: str) -> Sequence[tuple[str, str]]:
    words, options = Words(ctx.person.locale), ctx.interaction.options
    stat = catalogue().stats.get(str(options.get("stat") or ""))
    if stat is None:
        return _either_side(typed, words)
    priced = _offers(ctx, str(options.get("player") or ""), stat, words)
    guild = GuildRepository(ctx.session, rights.guild_id_of(ctx)).guild()
    number = typed.lower().replace("over", "").replace("under", "").strip()
    fitting = [price for price in priced if number in _line_value(price.side, price.line_q)]
    if fitting and guild is not None:
        return [_priced_line(price, guild, words) for price in fitting[:_MAX]]
    if stat.yes_no:
        return [(words.plain("side.yes"), "yes"), (words.plain("side.no"), "no")]
    return _either_side(typed, words)


def _either_side(typed: str, words: Words) -> Sequence[tuple[str, str]]:
    number = next((word for word in typed.lower().replace("over", "").replace("under", "").split()), "").lstrip("ou")
    try:
        shown = format_line(parse_line(number), signed=False)
    except InputError:
        return ()
    return [(words.plain(f"side.{side}", line=shown), f"{side} {shown}") for side in ("over", "under")]


def _offers(ctx: Context, typed: str, stat: StatType, words: Words) -> list[Price]:
    """The best price of each line that books offer, the lines in order."""
    board = bet_command.slate_now(ctx)
    try:
        player = _player(typed, board, words)
        game = _next_game(player, board, words)
    except InputError:
        return []
    prices = board.offers(game, Market.PLAYER_PROP, player.name, stat.stat_id)
    return sorted(prices, key=lambda price: (price.line_q, price.side.value))


def _priced_line(price: Price, guild: Guild, words: Words) -> tuple[str, str]:
    """ "Over 275.5 · -112 · draftkings", and what to send for it."""
    line = format_line(price.line_q, signed=False)
    said = words.plain(f"side.{price.side.value}", line=line)
    odds = wording.price(price.odds, guild.odds_format)
    name = cut(words.plain("choice.offer", line=said, odds=odds, book=price.book), OPTION_MAX)
    return name, _line_value(price.side, price.line_q)


def _line_value(side: Side, line_q: int) -> str:
    return side.value if side in (Side.YES, Side.NO) else f"{side.value} {format_line(line_q, signed=False)}"


def _best(prices: Sequence[Price], named: str, line: tuple[Side, int], guild: Guild, words: Words) -> Odds:
    """The best price that a book offers for exactly this. Raises InputError."""
    price = main_price(prices, Market.PLAYER_PROP, *line)
    if price is None:
        typed = f"{named} {_line_value(*line)}"
        raise InputError("line", typed, words.plain("problem.no_prop_price"), "-115")
    return Odds.from_fraction(price.odds.price, guild.odds_format)


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def _player(typed: str, board: Slate, words: Words) -> Player:
    named: tuple[Player, ...] = board.index.roster.players_by_alias.get(plain(typed), ())
    here = [player for player in named if board.index.of_team(player.team)]
    if not here:
        raise InputError("player", typed, words.plain("problem.player"), "Patrick Mahomes")
    return here[0]


def _stats_of(player: Player) -> list[StatType]:
    sport = catalogue().leagues[player.league].sport.sport_id
    return [stat for stat in catalogue().stats.values() if sport in stat.sports]


def _matches(stat: StatType, wanted: str) -> bool:
    return any(wanted in plain(name) for name in (stat.name, *stat.aliases))


def _stat(typed: str, player: Player, words: Words) -> StatType:
    wanted = plain(typed)
    for stat in _stats_of(player):
        if typed == stat.stat_id or wanted in {plain(name) for name in (stat.name, *stat.aliases)}:
            return stat
    raise InputError("statistic", typed, words.plain("problem.stat", player=player.name), "passing yards")


def _line(typed: str, stat: StatType, words: Words) -> tuple[Side, int]:
    """ "over 275.5", "o275.5", "yes". Raises InputError."""
    text = typed.lower()
    if stat.yes_no and text in ("yes", "no"):
        return Side(text), 0
    word, number = text.rstrip("0123456789. "), text.lstrip("abcdefghijklmnopqrstuvwxyz ")
    if stat.yes_no or word not in _WORDS:
        raise InputError("line", typed, words.plain("problem.line"), "yes" if stat.yes_no else "over 275.5")
    return _WORDS[word], parse_line(number)


def _next_game(player: Player, board: Slate, words: Words) -> int:
    games = [board.index.games[number] for number, _ in board.index.of_team(player.team)]
    ahead = sorted((game for game in games if game.game_id in board.games), key=lambda game: game.starts_at)
    if not ahead:
        raise InputError("player", player.name, words.plain("problem.player"), "Patrick Mahomes")
    return ahead[0].game_id
