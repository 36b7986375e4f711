"""Open straight bets by the thousand, as the rows that posting writes: for benches and seasons."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dbsbm.bets.model import Selection
from dbsbm.betting.profile import DEFAULT_PROFILE
from dbsbm.betting.stakes import Stake
from dbsbm.database.session import Session


@dataclass(frozen=True, slots=True)
class OpenBet:
    """A bet on one side of one game."""

    guild_id: int
    bet_id: int
    capper_id: int
    selection: Selection
    stake: Stake


def add_guilds(session: Session, guild_ids: Sequence[int], now: datetime) -> None:
    """Guilds that let agreeing sources grade, by the default rules."""
    profile = json.dumps(DEFAULT_PROFILE.to_json())
    session.execute_many(
        """INSERT INTO guilds (guild_id, rule_profile, auto_grade, created_at, updated_at)
           VALUES (%s, %s, %s, %s, %s)""",
        [(guild_id, profile, 1, now, now) for guild_id in guild_ids],
    )


def add_bets(session: Session, bets: Sequence[OpenBet], now: datetime) -> None:
    """Post these bets at ``now``."""
    profile = json.dumps(DEFAULT_PROFILE.to_json())
    rows: list[tuple[object, ...]] = []
    revisions: list[tuple[object, ...]] = []
    legs: list[tuple[object, ...]] = []
    for bet in bets:
        pick, stake = bet.selection, bet.stake
        key = (bet.guild_id, bet.bet_id)
        price = (pick.odds.num, pick.odds.den, pick.odds.typed[:24], pick.odds.format.value)
        rows.append((*key, bet.capper_id, pick.starts_at, pick.starts_at.date(), now, 7001))
        terms = (stake.mode.value, stake.risk_micro, stake.to_win_micro, *price)
        revisions.append((*key, *terms, 1, profile, now, now, bet.capper_id))
        picked = (pick.game_id, pick.league, pick.home, pick.away, pick.market.value, pick.side.value, pick.line_q)
        legs.append((*key, *picked, *price, pick.starts_at))
    session.execute_many(_ADD_BET, rows)
    session.execute_many(_ADD_REVISION, revisions)
    session.execute_many(_ADD_LEG, legs)


_ADD_BET = """
INSERT INTO bets (guild_id, bet_id, capper_id, starts_at, sports_day, posted_at, channel_id)
VALUES (%s, %s, %s, %s, %s, %s, %s)"""
_ADD_REVISION = """
INSERT INTO bet_revisions (guild_id, bet_id, revision, stake_mode, risk_micro, to_win_micro, odds_num, odds_den,
    odds_typed, odds_format, rule_profile_version, rule_profile, priced_at, written_at, written_by)
VALUES (%s, %s, 1, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"""
_ADD_LEG = """
INSERT INTO bet_legs (guild_id, bet_id, revision, leg, game_id, league, home, away, market, side, line_q, odds_num,
    odds_den, odds_typed, odds_format, starts_at)
VALUES (%s, %s, 1, 1, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"""
