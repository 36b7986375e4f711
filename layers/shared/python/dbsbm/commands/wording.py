"""How a pick, a time and an amount read: the same in text, alternative text, choices and pictures."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from dbsbm.bets.model import Pick, Selection
from dbsbm.betting.markets import Market, Side, format_line
from dbsbm.betting.odds import Odds, OddsFormat
from dbsbm.betting.stakes import Stake, StakeMode, format_units
from dbsbm.commands.teams import letters, nickname
from dbsbm.commands.words.catalogue import Markdown, Words

MINUS = "−"
_HOME_FIRST = frozenset({"epl", "efl_championship", "ucl"})
_WEEK = timedelta(days=6)


def matchup(selection: Selection) -> str:
    """The visitors first, as everywhere in North America, "Chiefs @ Raiders"; elsewhere "Stoke City v Leeds United"."""
    home, away = nickname(selection.home, selection.league), nickname(selection.away, selection.league)
    return _paired(selection.league, home, away)


def matchup_letters(selection: Selection) -> str:
    """ "KC @ LV", where a line is short of room."""
    return _paired(
        selection.league, letters(selection.home, selection.league), letters(selection.away, selection.league)
    )


def _paired(league: str, home: str, away: str) -> str:
    return f"{home} v {away}" if league in _HOME_FIRST else f"{away} @ {home}"


def pick_name(selection: Selection, words: Words) -> str:
    """ "Chiefs −3", "Chiefs ML", "Over 44.5"."""
    line = format_line(selection.line_q).replace("-", MINUS)
    if selection.market is Market.TOTAL:
        number = format_line(selection.line_q, signed=False)
        return words.plain(f"side.{selection.side.value}", line=number)
    team = selection.home if selection.side is Side.HOME else selection.away
    name = nickname(team, selection.league)
    if selection.market is Market.SPREAD:
        return words.plain("pick.spread", team=name, line=line)
    if selection.side is Side.DRAW:
        return words.plain("pick.draw")
    return words.plain("pick.moneyline", team=name)


def price(odds: Odds, shown_as: OddsFormat) -> str:
    """A price with a true minus sign."""
    return odds.shown(shown_as).replace("-", MINUS)


def units(micro: int) -> str:
    return format_units(micro).replace("-", MINUS)


def profit(micro: int) -> str:
    """With its sign: "+0.91u", "−1u", "0u"."""
    return format_units(micro, signed=True).replace("-", MINUS)


def staked(stake: Stake, words: Words) -> str:
    """The number the capper typed: "2u", or "2u to win"."""
    if stake.mode is StakeMode.TO_WIN:
        return words.plain("stake.to_win", units=units(stake.to_win_micro))
    if stake.mode is StakeMode.BASE_UNIT:
        return words.plain("stake.base", units=units(min(stake.risk_micro, stake.to_win_micro)))
    return units(stake.risk_micro)


def clock_time(moment: datetime, zone: ZoneInfo, now: datetime) -> str:
    """ "8:20 PM" today, "Sun 8:20 PM" this week, "Sep 11 8:20 PM" later."""
    local, today = moment.astimezone(zone), now.astimezone(zone)
    time = f"{local.hour % 12 or 12}:{local:%M %p}"
    if local.date() == today.date():
        return time
    if timedelta(0) <= local.date() - today.date() <= _WEEK:
        return f"{local:%a} {time}"
    return f"{local:%b} {local.day} {time}"


def full_time(moment: datetime, zone: ZoneInfo) -> str:
    """ "Sun Sep 11 8:20 PM EDT", for pictures and alternative text, which must not age."""
    local = moment.astimezone(zone)
    return f"{local:%a %b} {local.day} {local.hour % 12 or 12}:{local:%M %p %Z}"


def moment(when: datetime, style: str = "f") -> Markdown:
    """A time that Discord shows in each reader's own zone ("Message Formatting", timestamps)."""
    return Markdown(f"<t:{int(when.timestamp())}:{style}>")


def mention(user_id: int) -> Markdown:
    return Markdown(f"<@{user_id}>")


def percent(rate: Fraction | None) -> str:
    """To a tenth, "54.5%"; a dash where there is nothing to reckon from."""
    return "–" if rate is None else f"{float(rate * 100):.1f}%".replace("-", MINUS)


def gain(rate: Fraction | None) -> str:
    """A percentage that can be won or lost, with its sign: "+4.2%"."""
    return f"+{percent(rate)}" if rate is not None and rate > 0 else percent(rate)


def summary(pick: Pick, shown_as: OddsFormat, words: Words) -> str:
    """ "Chiefs −3 (−110) 2u"."""
    return summary_of(pick.selection, pick.stake, shown_as, words)


def summary_of(selection: Selection, stake: Stake, shown_as: OddsFormat, words: Words) -> str:
    """ "Chiefs −3 (−110) 2u"."""
    return f"{pick_name(selection, words)} ({price(selection.odds, shown_as)}) {staked(stake, words)}"
