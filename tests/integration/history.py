"""Bets written straight into the tables, for tests that need many of them; grading goes the way it always does."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dbsbm.bets.days import sports_day
from dbsbm.betting.profile import DEFAULT_PROFILE
from dbsbm.betting.stakes import MICRO
from dbsbm.database.session import Session
from tests.integration.stage import KICK_OFF

_ZONE = ZoneInfo("America/New_York")
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Written:
    """One straight bet. ``game_id`` 0 for none of ours."""

    guild_id: int
    capper_id: int
    starts_at: datetime = KICK_OFF
    league: str = "nfl"
    market: str = "spread"
    side: str = "away"
    line_q: int = -12
    risk_micro: int = MICRO
    num: int = 21
    den: int = 11
    price_check: str = "verified"
    game_id: int = 0
    channel_id: int = 7001
    home: str = "Las Vegas Raiders"
    away: str = "Kansas City Chiefs"


def write(session: Session, bet: Written) -> int:
    """Store an open bet; returns its id."""
    bet_id = next(_numbers) + (1 << 40)
    at = bet.starts_at - timedelta(hours=2)
    to_win = bet.risk_micro * (bet.num - bet.den) // bet.den
    odds = (bet.num, bet.den, "", "decimal")
    day = sports_day(bet.starts_at, _ZONE)
    session.execute(
        "INSERT INTO bets (guild_id, bet_id, capper_id, starts_at, sports_day, posted_at, channel_id) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (bet.guild_id, bet_id, bet.capper_id, bet.starts_at, day, at, bet.channel_id),
    )
    session.execute(
        "INSERT INTO bet_revisions (guild_id, bet_id, revision, stake_mode, risk_micro, to_win_micro, odds_num, "
        "odds_den, odds_typed, odds_format, rule_profile_version, rule_profile, price_check, priced_at, written_at, "
        "written_by) "
        "VALUES (%s, %s, 1, 'risk', %s, %s, %s, %s, %s, %s, 1, %s, %s, %s, %s, %s)",
        (
            *(bet.guild_id, bet_id, bet.risk_micro, to_win, *odds, json.dumps(DEFAULT_PROFILE.to_json())),
            *(bet.price_check, at, at, bet.capper_id),
        ),
    )
    session.execute(
        "INSERT INTO bet_legs (guild_id, bet_id, revision, leg, game_id, league, home, away, market, side, line_q, "
        "odds_num, odds_den, odds_typed, odds_format, starts_at) "
        "VALUES (%s, %s, 1, 1, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            *(bet.guild_id, bet_id, bet.game_id, bet.league, bet.home, bet.away, bet.market, bet.side, bet.line_q),
            *(*odds, bet.starts_at),
        ),
    )
    return bet_id
