"""Leagues and markets by which records and boards are narrowed down: only those of which something is graded."""

from __future__ import annotations

from collections.abc import Sequence

from dbsbm.bets.standings.repository import StandingsRepository
from dbsbm.commands import rights
from dbsbm.commands.words.catalogue import Words
from dbsbm.core.errors import InputError
from dbsbm.discord.definitions import Context, Option, autocomplete

_SEVERAL = "several"
PERIODS = (("This week", "week"), ("This month", "month"), ("This season", "season"), ("All time", "all"))
OPTIONS = (
    Option("period", "This week, month, season, or all time", choices=PERIODS),
    Option("league", "One league, instead of all", autocomplete=True),
    Option("market", "One market or kind of ticket, instead of all", autocomplete=True),
)
"""The options of a command that narrows down; ``typed`` reads the last two."""


def typed(ctx: Context, words: Words) -> tuple[str, str]:
    """The league and market that were chosen or typed, as they are stored; empty for all.

    Raises
    ------
    InputError
        When nothing of it has been graded.
    """
    options = ctx.interaction.options
    standings = StandingsRepository(ctx.session, rights.guild_id_of(ctx))
    league, market = str(options.get("league", "")), str(options.get("market", ""))
    return (
        _known("league", league, standings.leagues(), words) if league else "",
        _known("market", market, standings.markets(), words) if market else "",
    )


def offer(command: str, function: str) -> None:
    """Suggestions for the options ``league`` and ``market`` of a command."""

    @autocomplete(command, "league", function=function)
    def leagues(ctx: Context, typed: str) -> Sequence[tuple[str, str]]:
        words = Words(ctx.person.locale)
        known = StandingsRepository(ctx.session, rights.guild_id_of(ctx)).leagues()
        return _matching(typed, [(league_name(league, words), league) for league in known])

    @autocomplete(command, "market", function=function)
    def markets(ctx: Context, typed: str) -> Sequence[tuple[str, str]]:
        words = Words(ctx.person.locale)
        known = StandingsRepository(ctx.session, rights.guild_id_of(ctx)).markets()
        return _matching(typed, [(market_name(market, words), market) for market in known])


def league_name(league: str, words: Words) -> str:
    if league == _SEVERAL:
        return words.plain("board.several")
    return words.plain_or(f"league.{league}", league.replace("_", " ").upper())


def market_name(market: str, words: Words) -> str:
    return words.plain_or(f"market.{market}", words.plain_or(f"ticket.{market}", market.replace("_", " ")))


def _matching(typed: str, named: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    asked = typed.strip().lower()
    return [(name, value) for name, value in named if asked in name.lower() or asked in value][:25]


def _known(field: str, typed: str, known: Sequence[str], words: Words) -> str:
    name = league_name if field == "league" else market_name
    found = next((value for value in known if typed.strip().lower() in (value, name(value, words).lower())), None)
    if found is None:
        example = name(known[0], words) if known else ""
        raise InputError(field, typed, words.plain("board.nothing_of_it"), example)
    return found
