"""Reads a bet with what is needed to show it."""

from __future__ import annotations

from dataclasses import dataclass

from dbsbm.bets.model import Bet
from dbsbm.bets.repository import BetRepository
from dbsbm.commands import rights
from dbsbm.commands.words.catalogue import Words
from dbsbm.core.errors import NotFoundError
from dbsbm.discord.definitions import Context
from dbsbm.guilds.model import Capper, Guild
from dbsbm.guilds.repository import GuildRepository


@dataclass(frozen=True, slots=True)
class Tracked:
    """A bet, its guild and its capper, with the person's own words."""

    bet: Bet
    guild: Guild
    capper: Capper
    bets: BetRepository
    words: Words


def tracked(ctx: Context, bet_id: int) -> Tracked:
    """The bet behind a button of a slip.

    Raises
    ------
    NotFoundError
        When this guild has no such bet.
    """
    words = Words(ctx.person.locale)
    guild_id = rights.guild_id_of(ctx)
    guilds = GuildRepository(ctx.session, guild_id)
    bets = BetRepository(ctx.session, guild_id)
    bet = bets.bet(bet_id)
    capper, guild = guilds.capper(bet.capper_id), guilds.guild()
    if capper is None or guild is None:
        raise NotFoundError(f"bet {bet_id} lost its capper")
    return Tracked(bet, guild, capper, bets, words)
