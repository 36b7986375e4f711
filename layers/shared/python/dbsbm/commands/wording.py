"""How a pick, a time and an amount read: the same in text, alternative text, choices and pictures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from dbsbm.bets.selection import MANUAL_MARKETS, Selection
from dbsbm.bets.ticket import Ticket, TicketKind
from dbsbm.betting.catalogue import GAME, catalogue
from dbsbm.betting.markets import Market, Side, format_line
from dbsbm.betting.odds import Odds, OddsFormat
from dbsbm.betting.settlement import Grade
from dbsbm.betting.stakes import Stake, StakeMode, format_units
from dbsbm.betting.tickets import combinations
from dbsbm.commands.teams import letters, nickname
from dbsbm.commands.words.catalogue import Amount, Markdown, Words

MINUS = "−"
_HOME_FIRST = frozenset({"epl", "efl_championship", "ucl"})
_AWAY_SIDES = frozenset({Side.AWAY, Side.AWAY_OVER, Side.AWAY_UNDER, Side.DRAW_AWAY})
_WEEK = timedelta(days=6)


def matchup(selection: Selection) -> str:
    """The visitors first, as everywhere in North America, "Chiefs @ Raiders"; elsewhere "Stoke City v Leeds United"."""
    if not selection.away:
        return selection.home
    home, away = nickname(selection.home, selection.league), nickname(selection.away, selection.league)
    return _paired(selection.league, home, away)


def matchup_letters(selection: Selection) -> str:
    """ "KC @ LV", where a line is short of room."""
    if not selection.away:
        return selection.home
    return _paired(
        selection.league, letters(selection.home, selection.league), letters(selection.away, selection.league)
    )


def _paired(league: str, home: str, away: str) -> str:
    return f"{home} v {away}" if league in _HOME_FIRST else f"{away} @ {home}"


def pick_name(selection: Selection, words: Words) -> str:
    """ "Chiefs −3", "Chiefs ML", "Over 44.5", "1H Over 23.5", "Patrick Mahomes over 275.5 passing yards"."""
    if selection.market in MANUAL_MARKETS:
        return words.plain(f"pick.{selection.stat}", who=selection.player) if selection.stat else selection.player
    if selection.market is Market.PLAYER_PROP:
        return _prop_name(selection, words)
    period = "" if selection.period == GAME else words.plain_or(f"period.{selection.period}", selection.period.upper())
    name = _side_name(selection, words)
    live = words.plain("pick.live", score=f"{selection.score[1]}–{selection.score[0]}") if selection.score else ""
    return " ".join(part for part in (period, name, live) if part)


def _side_name(selection: Selection, words: Words) -> str:
    line, number = format_line(selection.line_q).replace("-", MINUS), format_line(selection.line_q, signed=False)
    team = nickname(selection.away if selection.side in _AWAY_SIDES else selection.home, selection.league)
    match selection.market:
        case Market.TOTAL:
            return words.plain(f"side.{selection.side.value}", line=number)
        case Market.TEAM_TOTAL:
            over = selection.side in (Side.HOME_OVER, Side.AWAY_OVER)
            return words.plain("pick.team_over" if over else "pick.team_under", team=team, line=number)
        case Market.SPREAD:
            return words.plain("pick.spread", team=team, line=line)
        case Market.DRAW_NO_BET:
            return words.plain("pick.draw_no_bet", team=team)
        case Market.DOUBLE_CHANCE if selection.side is Side.HOME_AWAY:
            return words.plain("pick.either", team=team, other=nickname(selection.away, selection.league))
        case Market.DOUBLE_CHANCE:
            return words.plain("pick.or_draw", team=team)
        case _ if selection.side is Side.DRAW:
            return words.plain("pick.draw")
        case _:
            return words.plain("pick.moneyline", team=team)


def _prop_name(selection: Selection, words: Words) -> str:
    values = {
        "player": selection.player,
        "stat": words.plain_or(f"stat.{selection.stat}", catalogue().stat(selection.stat).name.lower()),
        "line": format_line(selection.line_q, signed=False),
    }
    return words.plain(f"prop.{selection.side.value}", **values)


def price(odds: Odds, shown_as: OddsFormat) -> Amount:
    """A price with a true minus sign."""
    return Amount(odds.shown(shown_as).replace("-", MINUS))


def ratio(decimal: Fraction, shown_as: OddsFormat) -> Amount:
    """A decimal price as prices are shown."""
    return price(Odds.from_fraction(decimal), shown_as)


def units(micro: int) -> Amount:
    return Amount(format_units(micro).replace("-", MINUS))


def profit(micro: int) -> Amount:
    """With its sign: "+0.91u", "−1u", "0u"."""
    return Amount(format_units(micro, signed=True).replace("-", MINUS))


def staked(stake: Stake, words: Words) -> str:
    """The number the capper typed: "2u", or "2u to win"."""
    if stake.mode is StakeMode.TO_WIN:
        return words.plain("stake.to_win", units=units(stake.to_win_micro))
    if stake.mode is StakeMode.BASE_UNIT:
        return words.plain("stake.base", units=units(min(stake.risk_micro, stake.to_win_micro)))
    return words.number(units(stake.risk_micro))


def clock_time(moment: datetime, zone: ZoneInfo, now: datetime, words: Words) -> str:
    """ "8:20 PM" today, "Sun 8:20 PM" this week, "Sep 11 8:20 PM" later."""
    local, today = moment.astimezone(zone), now.astimezone(zone)
    if local.date() == today.date():
        return _hours(local, words)
    near = timedelta(0) <= local.date() - today.date() <= _WEEK
    day = words.names("format.days")[local.weekday()] if near else _date(local, words)
    return words.plain("format.day_time", day=day, time=_hours(local, words))


def full_time(moment: datetime, zone: ZoneInfo, words: Words) -> str:
    """ "Sun Sep 11 8:20 PM EDT", for pictures and alternative text, which must not age."""
    local = moment.astimezone(zone)
    day, time = words.names("format.days")[local.weekday()], _hours(local, words)
    return words.plain("format.full_time", day=day, date=_date(local, words), time=time, zone=f"{local:%Z}")


def _hours(local: datetime, words: Words) -> str:
    return time_of_day(local.hour, local.minute, words)


def time_of_day(hour: int, minute: int, words: Words) -> str:
    """ "8:20 PM". Of twelve hours or of twenty-four: the locale's sentence takes what it shows."""
    half = words.names("format.halves")[hour >= 12]
    values = {"hour12": hour % 12 or 12, "hour24": f"{hour:02}", "minute": f"{minute:02}"}
    return words.plain("format.time", half=half, **values)


def _date(local: datetime, words: Words) -> str:
    return words.plain("format.date", month=words.names("format.months")[local.month - 1], day=local.day)


def long_date(day: date, words: Words) -> str:
    """ "October 12"."""
    return words.plain("format.date", month=words.names("format.long_months")[day.month - 1], day=day.day)


def month_year(day: date, words: Words) -> str:
    """ "October 2026"."""
    return words.plain("format.month_year", month=words.names("format.long_months")[day.month - 1], year=day.year)


def moment(when: datetime, style: str = "f") -> Markdown:
    """A time that Discord shows in each reader's own zone ("Message Formatting", timestamps)."""
    return Markdown(f"<t:{int(when.timestamp())}:{style}>")


def message_link(guild_id: int, channel_id: int, message_id: int) -> Markdown:
    """The address of a message, which Discord draws as a jump to it."""
    return Markdown(f"https://discord.com/channels/{guild_id}/{channel_id}/{message_id}")


def mention(user_id: int) -> Markdown:
    return Markdown(f"<@{user_id}>")


def percent(rate: Fraction | None) -> Amount:
    """To a tenth, "54.5%"; a dash where there is nothing to reckon from."""
    return Amount("–" if rate is None else f"{float(rate * 100):.1f}%".replace("-", MINUS))


def gain(rate: Fraction | None) -> Amount:
    """A percentage that can be won or lost, with its sign: "+4.2%"."""
    return Amount(f"+{percent(rate)}" if rate is not None and rate > 0 else percent(rate))


def record(counts: Mapping[Grade, int]) -> str:
    """ "12–7–1": won, lost, pushed; a half counts half."""
    won = 2 * counts.get(Grade.WON, 0) + counts.get(Grade.HALF_WON, 0)
    lost = 2 * counts.get(Grade.LOST, 0) + counts.get(Grade.HALF_LOST, 0)
    return f"{_halves(won)}–{_halves(lost)}–{counts.get(Grade.PUSH, 0)}"


def _halves(doubled: int) -> str:
    return f"{doubled // 2}" if doubled % 2 == 0 else f"{doubled // 2}.5"


def kind_name(ticket: Ticket, words: Words) -> str:
    """ "Straight", "4-leg parlay", "3-leg teaser, 6 points", "Round robin of 4 by 2, 3"."""
    values = {
        "legs": len(ticket.legs),
        "points": format_line(ticket.terms.points_q, signed=False),
        "sizes": ", ".join(str(size) for size in ticket.terms.sizes),
        "parlays": combinations(len(ticket.legs), ticket.terms.sizes),
        "place": "/".join(str(number) for number in ticket.terms.place),
        "places": ticket.terms.places,
    }
    same_game = ticket.kind is TicketKind.PARLAY and len({leg.game_id for leg in ticket.legs}) == 1
    return words.plain("ticket.same_game" if same_game else f"ticket.{ticket.kind.value}", **values)


def ticket_price(ticket: Ticket, shown_as: OddsFormat, words: Words) -> str:
    return words.plain("ticket.no_price") if ticket.needs_price else words.number(price(ticket.odds, shown_as))


def ticket_staked(ticket: Ticket, words: Words) -> str:
    """What was typed as the stake; of a round robin also what it comes to."""
    if ticket.kind is TicketKind.ROUND_ROBIN:
        parlays = combinations(len(ticket.legs), ticket.terms.sizes)
        whole = units(ticket.amount_micro * parlays)
        return words.plain("stake.each", each=units(ticket.amount_micro), parlays=parlays, whole=whole)
    if ticket.kind is TicketKind.EACH_WAY:
        return words.plain("stake.each_way", each=units(ticket.amount_micro))
    if ticket.needs_price:
        return words.number(units(ticket.amount_micro))
    return staked(ticket.stake, words)


def summary(ticket: Ticket, shown_as: OddsFormat, words: Words) -> str:
    """ "Chiefs −3 (−110) 2u", "4-leg parlay (+1228) 1u"."""
    if ticket.kind is TicketKind.STRAIGHT:
        return summary_of(ticket.legs[0], ticket.stake, shown_as, words)
    if ticket.kind is TicketKind.EACH_WAY:
        leg = leg_summary(ticket.legs[0], shown_as, words)
        return f"{leg} {ticket_staked(ticket, words)} · {kind_name(ticket, words)}"
    return f"{kind_name(ticket, words)} ({ticket_price(ticket, shown_as, words)}) {ticket_staked(ticket, words)}"


def summary_of(selection: Selection, stake: Stake, shown_as: OddsFormat, words: Words) -> str:
    """ "Chiefs −3 (−110) 2u"."""
    return f"{pick_name(selection, words)} ({words.number(price(selection.odds, shown_as))}) {staked(stake, words)}"


def leg_summary(leg: Selection, shown_as: OddsFormat, words: Words) -> str:
    """ "Chiefs −3 (−110)", without a price where the leg has none."""
    name = pick_name(leg, words)
    return f"{name} ({words.number(price(leg.odds, shown_as))})" if leg.priced else name
