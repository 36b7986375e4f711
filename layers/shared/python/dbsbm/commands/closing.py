"""What results and closing lines say of a bet, in words: in its details, on a record, in the grade panel."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction

from dbsbm.bets.model import Bet
from dbsbm.bets.proposals.model import Reason
from dbsbm.bets.proposals.repository import GuildProposalRepository
from dbsbm.bets.values.repository import GuildValueRepository
from dbsbm.betting.settlement import Grade
from dbsbm.commands import wording
from dbsbm.commands.words.catalogue import Words
from dbsbm.database.session import Session


def value_line(session: Session, bet: Bet, words: Words) -> str:
    """The bet's closing line value with book and method, or why there is none; empty before its games are closed."""
    found = GuildValueRepository(session, bet.guild_id).of_bet(bet.bet_id, bet.terms.number)
    if found is None:
        return ""
    reason = "void" if bet.grade is Grade.VOID else found.reason
    if found.value is None or reason:
        return words("clv.none", why=words.plain(f"clv.why.{reason}"))
    value = wording.gain(Fraction(found.value))
    if len(bet.terms.ticket.legs) > 1:
        return words("clv.ticket", value=value)
    return words("clv.value", value=value, book=found.book or "", method=found.method or "")


def average_line(session: Session, guild_id: int, capper_id: int, words: Words) -> str:
    """The mean closing line value of a capper's graded bets that have one; empty while none has."""
    found = GuildValueRepository(session, guild_id).average(capper_id)
    if found.mean is None:
        return ""
    return words("clv.average", value=wording.gain(Fraction(found.mean)), bets=found.bets)


def lately_line(session: Session, guild_id: int, capper_id: int, since: datetime, words: Words) -> str:
    """The same of the newest bets that started since then, in the same words."""
    found = GuildValueRepository(session, guild_id).lately(capper_id, since)
    if found.mean is None:
        return ""
    return words("clv.average", value=wording.gain(Fraction(found.mean)), bets=found.bets)


def sources_line(session: Session, bet: Bet, words: Words) -> str:
    """How many sources stand behind what is proposed, and why it was left to a person; empty when nobody said."""
    found = GuildProposalRepository(session, bet.guild_id).of_bet(bet.bet_id)
    if found is None:
        return ""
    said = words("auto.source") if found.sources == 1 else words("auto.sources", count=found.sources)
    if found.reason in (Reason.NONE, Reason.ONE_SOURCE):
        return said
    why = words(f"auto.why.{found.reason.value}", said=found.said)
    return words("auto.because", sources=said, why=why)
