"""``/leaderboard``: who stands where, as a private card with *Share*."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from fractions import Fraction
from typing import Any, Literal

from dbsbm.bets.days import CUT_OFF, sports_day
from dbsbm.bets.standings.board import Board, Standing, board, missing
from dbsbm.bets.standings.model import Category, Period, Total, stretch
from dbsbm.bets.standings.repository import StandingsRepository
from dbsbm.bets.values.repository import NEWEST, GuildValueRepository
from dbsbm.betting.rating import MINIMUM_BETS, PRIOR_ROI, PRIOR_UNITS
from dbsbm.commands import answers, narrowing, rights, wording
from dbsbm.commands.words.catalogue import Markdown, Words
from dbsbm.discord import components, custom_id
from dbsbm.discord.components import Choice, Style
from dbsbm.discord.definitions import (
    Context,
    Image,
    Json,
    Post,
    Reply,
    Result,
    Who,
    command,
    component,
)
from dbsbm.guilds.repository import GuildRepository
from dbsbm.render.views import BoardRow, BoardView

FUNCTION = "command_stats"
FILE = "leaderboard.png"
_PAGE = 10
_WAITING = 10
_COLUMNS = ("record", "units", "roi", "rating", "flat")
_STATE = (Period, Category, str, str, int)  # period, category, league, market, page


@dataclass(frozen=True, slots=True)
class _Wanted:
    period: Period
    category: Category = Category.PRICED
    league: str = ""
    market: str = ""
    page: int = 0
    label: str = ""
    """What the period is called, where it is not the present one."""

    def called(self, words: Words) -> str:
        return self.label or words.plain(f"period.{self.period.value}")

    def id(self, route: str) -> str:
        return custom_id.build(route, self.period, self.category, self.league, self.market, self.page)


@command(
    "leaderboard",
    "Who stands where, honest about small samples",
    who=Who.MEMBER,
    mode="deferred",
    function=FUNCTION,
    options=narrowing.OPTIONS,
)
def leaderboard(ctx: Context) -> Result:
    words, options = Words(ctx.person.locale), ctx.interaction.options
    league, market = narrowing.typed(ctx, words)
    wanted = _Wanted(Period(str(options.get("period", Period.MONTH.value))), league=league, market=market)
    return _shown(ctx, wanted, "message")


@component("board.show", args=_STATE, who=Who.MEMBER, mode="deferred", function=FUNCTION)
def show(ctx: Context, *state: Any) -> Result:
    return _shown(ctx, _Wanted(*state), "update")


@component("board.period", args=_STATE, who=Who.MEMBER, mode="deferred", function=FUNCTION)
def change_period(ctx: Context, *state: Any) -> Result:
    # The values of a select come from the client.
    period = next((period for period in Period if period.value == ctx.interaction.values[0]), Period.MONTH)
    return _shown(ctx, replace(_Wanted(*state), period=period, page=0), "update")


@component("board.share", args=_STATE, who=Who.MEMBER, function=FUNCTION, answers="message")
def share(ctx: Context, *state: Any) -> Result:
    words, public = Words(ctx.person.locale), rights.public_words(ctx)
    wanted = _Wanted(*state)
    found = _board(ctx, wanted)
    content, image = _card(found, wanted, public)
    content = [*content, *_values(ctx, found, wanted, public)]
    shared = public("stats.shared_by", user=wording.mention(ctx.person.user_id))
    data = components.message(*content, components.text(shared))
    target = {"channel_id": str(ctx.interaction.channel_id)}
    post = Post("message.post", f"share:{ctx.interaction.id}", target, data, (image,))
    channel = Markdown(f"<#{ctx.interaction.channel_id}>")
    return Result(answers.said(words("stats.shared", channel=channel)), (post,))


narrowing.offer("leaderboard", FUNCTION)


def _shown(ctx: Context, wanted: _Wanted, kind: Literal["message", "update"]) -> Result:
    words = Words(ctx.person.locale)
    found = _board(ctx, wanted)
    content, image = _card(found, wanted, words)
    controls = _controls(ctx, found, wanted, words)
    reply = answers.private(*content, *_values(ctx, found, wanted, words), *controls)
    return Result(Reply(kind, reply.data, (image,)))


def _card(found: Board, wanted: _Wanted, words: Words) -> tuple[list[Json], Image]:
    page = found.ranked[wanted.page * _PAGE :][:_PAGE]
    title = _title(wanted, words)
    view = _view(title, page, wanted, words)
    lines = [words("board.title", title=title, period=wanted.called(words))]
    if wanted.category is not Category.PRICED:
        lines.append(words(f"board.about_{wanted.category.value}"))
    if not found.ranked:
        lines.append(words("board.nobody", bets=MINIMUM_BETS))
    lines.extend(_waiting(found.waiting, words))
    image = Image(FILE, _alt(title, page, wanted, words), "board", view.to_json())
    return [components.text("\n".join(lines)), components.gallery(FILE, image.alt)], image


def _values(ctx: Context, found: Board, wanted: _Wanted, words: Words) -> list[Json]:
    """What the closing lines say of those on the page; sums of a league or market have none of their own."""
    if wanted.category is not Category.PRICED or wanted.league or wanted.market:
        return []
    guild_id = rights.guild_id_of(ctx)
    guild = rights.ready(GuildRepository(ctx.session, guild_id).guild(), words)
    since = stretch(wanted.period, sports_day(ctx.clock.now(), guild.zone)).first
    begun = datetime.combine(since, time(), guild.zone) + CUT_OFF
    values = GuildValueRepository(ctx.session, guild_id)
    rows = []
    for standing in found.ranked[wanted.page * _PAGE :][:_PAGE]:
        mean = values.lately(standing.total.capper_id, begun.astimezone(UTC))
        if mean.mean is not None:
            gain = wording.gain(Fraction(mean.mean))
            rows.append(words("board.value", name=standing.total.name, value=gain, bets=mean.bets))
    return [components.text("\n".join([words("board.values", most=NEWEST), *rows]))] if rows else []


def standings_card(found: Board, label: str, words: Words) -> tuple[list[Json], Image]:
    """The main board of a month that is over, its figures in words besides the picture."""
    content, image = _card(found, _Wanted(Period.MONTH, label=label), words)
    lines = [
        words("board.alt_row", place=row.place, name=row.name, record=row.record, units=row.units, roi=row.roi)
        for row in map(_row, found.ranked[:_PAGE])
    ]
    return ([content[0], components.text("\n".join(lines)), *content[1:]] if lines else content), image


def _board(ctx: Context, wanted: _Wanted) -> Board:
    guild_id = rights.guild_id_of(ctx)
    guild = rights.ready(GuildRepository(ctx.session, guild_id).guild(), Words(ctx.person.locale))
    when = stretch(wanted.period, sports_day(ctx.clock.now(), guild.zone), wanted.league)
    totals = StandingsRepository(ctx.session, guild_id).board(wanted.category, when, wanted.league, wanted.market)
    return board(totals)


def _title(wanted: _Wanted, words: Words) -> str:
    parts = [words.plain("board.name")]
    if wanted.category is not Category.PRICED:
        parts.append(words.plain(f"board.tab_{wanted.category.value}"))
    if wanted.league:
        parts.append(narrowing.league_name(wanted.league, words))
    if wanted.market:
        parts.append(narrowing.market_name(wanted.market, words))
    return " · ".join(parts)


def _view(title: str, page: Sequence[Standing], wanted: _Wanted, words: Words) -> BoardView:
    note = words.plain("board.note", prior=PRIOR_UNITS, rate=wording.percent(PRIOR_ROI), bets=MINIMUM_BETS)
    return BoardView(
        title=title,
        period=wanted.called(words),
        headings=tuple(words.plain(f"board.column_{name}") for name in _COLUMNS),
        rows=tuple(_row(standing) for standing in page),
        empty=words.plain("board.nobody", bets=MINIMUM_BETS),
        note=note,
    )


def _row(standing: Standing) -> BoardRow:
    total = standing.total
    return BoardRow(
        place=str(standing.place),
        name=total.name,
        record=record_of(total),
        units=signed(total.profit_micro),
        roi=wording.gain(standing.roi),
        rating=wording.gain(standing.shrunk_roi),
        flat=signed(total.flat_micro),
    )


def signed(micro: int) -> str:
    """Units to a hundredth, with their sign: what fits a column."""
    return wording.profit(round(micro / 10_000) * 10_000)


def record_of(total: Total) -> str:
    """Won, lost and pushed; half of one counts half."""
    won, lost = 2 * total.won + total.half_won, 2 * total.lost + total.half_lost
    return f"{_halves(won)}–{_halves(lost)}–{total.pushed}"


def _halves(doubled: int) -> str:
    return f"{doubled // 2}" if doubled % 2 == 0 else f"{doubled // 2}.5"


def _alt(title: str, page: Sequence[Standing], wanted: _Wanted, words: Words) -> str:
    rows = [
        words.plain("board.alt_row", place=row.place, name=row.name, record=row.record, units=row.units, roi=row.roi)
        for row in map(_row, page)
    ]
    return "; ".join([f"{title}, {words.plain(f'period.{wanted.period.value}')}", *rows])


def _waiting(waiting: Sequence[Total], words: Words) -> list[Markdown]:
    lines = [
        words("board.waiting", name=total.name, more=missing(total), record=record_of(total))
        for total in waiting[:_WAITING]
    ]
    if len(waiting) > _WAITING:
        lines.append(words("board.waiting_more", count=len(waiting) - _WAITING))
    return lines


def _controls(ctx: Context, found: Board, wanted: _Wanted, words: Words) -> list[Json]:
    standings = StandingsRepository(ctx.session, rights.guild_id_of(ctx))
    periods = [
        Choice(words.plain(f"period.{period.value}"), period.value, default=period is wanted.period)
        for period in Period
    ]
    controls = [components.select(wanted.id("board.period"), periods, words.plain("board.period"))]
    categories = standings.categories()
    if len(categories) > 1:
        tabs = [_tab(category, wanted, words) for category in categories]
        controls.append(components.row(*tabs))
    return [*controls, components.row(*_pages(len(found.ranked), wanted, words))]


def _tab(category: Category, wanted: _Wanted, words: Words) -> Json:
    target = replace(wanted, category=category, page=0).id("board.show")
    here = category is wanted.category
    style = Style.PRIMARY if here else Style.SECONDARY
    return components.button(words.plain(f"board.tab_{category.value}"), target, style, disabled=here)


def _pages(ranked: int, wanted: _Wanted, words: Words) -> list[Json]:
    """*Earlier* and *More* where there are more than ten, and *Share*."""
    buttons = []
    for label, page in (("page.back", wanted.page - 1), ("page.more", wanted.page + 1)):
        if page >= 0 and page * _PAGE < ranked:
            target = replace(wanted, page=page).id("board.show")
            buttons.append(components.button(words.plain(label), target))
    return [*buttons, components.button(words.plain("stats.share"), wanted.id("board.share"), Style.PRIMARY)]
