"""The picture of a slip for everybody who has its address: looked up, drawn as the bet stands, or not there."""

from __future__ import annotations

import hmac

from dbsbm.bets.links.address import PublicId, parse
from dbsbm.bets.links.repository import LinkRepository
from dbsbm.bets.repository import BetRepository
from dbsbm.bets.told.service import legs_so_far
from dbsbm.commands.slip import slip_picture
from dbsbm.database.session import Session
from dbsbm.discord.definitions import Image
from dbsbm.guilds.repository import GuildRepository

PATH = "/slips/"
_SUFFIX = ".png"


def url(base: str, public_id: PublicId) -> str:
    """Where the picture is."""
    return f"{base.rstrip('/')}{PATH}{public_id}{_SUFFIX}"


def asked_for(path: str) -> PublicId | None:
    """The slip that a path names; None for any other path."""
    if not (path.startswith(PATH) and path.endswith(_SUFFIX)):
        return None
    return parse(path[len(PATH) : -len(_SUFFIX)])


def shown(session: Session, asked: PublicId) -> Image | None:
    """The picture, not drawn yet; None where there is none to see, whatever the reason."""
    guild = GuildRepository(session, asked.guild_id).guild()
    if guild is None or guild.state != "active" or not guild.public_slips:
        return None
    key = LinkRepository(session, asked.guild_id).key(asked.bet_id)
    if key is None or not hmac.compare_digest(key, asked.key):
        return None
    bets = BetRepository(session, asked.guild_id)
    bet = bets.bet(asked.bet_id)
    capper = GuildRepository(session, asked.guild_id).capper(bet.capper_id)
    if capper is None:
        return None
    return slip_picture(bet, guild, capper, bets.last_decision(bet.bet_id), legs_so_far(session, bets, bet))
