"""``/stats``: a capper's record as a private card, of all time or a period, league, market; with *Share*."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from typing import Any, Literal
from zoneinfo import ZoneInfo

from dbsbm.bets.days import CUT_OFF, sports_day
from dbsbm.bets.record.figures import Record, record
from dbsbm.bets.record.repository import RecordRepository
from dbsbm.bets.standings.model import EVER, Period, Stretch, stretch
from dbsbm.bets.standings.repository import StandingsRepository
from dbsbm.commands import answers, captions, narrowing, rights, wording
from dbsbm.commands.closing import average_line, lately_line
from dbsbm.commands.tail import own_results
from dbsbm.commands.words.catalogue import Markdown, Words
from dbsbm.core.errors import NotFoundError
from dbsbm.discord import components, custom_id
from dbsbm.discord.components import Choice
from dbsbm.discord.definitions import (
    Context,
    Image,
    Json,
    Option,
    OptionType,
    Post,
    Reply,
    Result,
    Who,
    command,
    component,
)
from dbsbm.guilds.model import Capper
from dbsbm.guilds.repository import GuildRepository
from dbsbm.render.views import StatsView

FUNCTION = "command_stats"
FILE = "stats.png"
_NEWEST = 60
_STATE = (int, Period, str, str)  # capper, period, league, market


@dataclass(frozen=True, slots=True)
class _Wanted:
    capper_id: int
    period: Period = Period.ALL
    league: str = ""
    market: str = ""

    @property
    def everything(self) -> bool:
        return (self.period, self.league, self.market) == (Period.ALL, "", "")

    def id(self, route: str) -> str:
        return custom_id.build(route, self.capper_id, self.period, self.league, self.market)

    def called(self, words: Words) -> str:
        parts = [words.plain("stats.all_time" if self.period is Period.ALL else f"period.{self.period.value}")]
        if self.league:
            parts.append(narrowing.league_name(self.league, words))
        if self.market:
            parts.append(narrowing.market_name(self.market, words))
        return " · ".join(parts)


@command(
    "stats",
    "A capper's record as a card",
    who=Who.MEMBER,
    mode="deferred",
    function=FUNCTION,
    options=(Option("user", "Whose record, instead of your own", OptionType.USER), *narrowing.OPTIONS),
)
def stats(ctx: Context) -> Result:
    words, options = Words(ctx.person.locale), ctx.interaction.options
    user_id = int(options.get("user", ctx.person.user_id))
    capper = GuildRepository(ctx.session, rights.guild_id_of(ctx)).capper(user_id)
    if capper is None:
        followed = _followed(ctx, user_id, words)
        return Result(answers.said(followed or words("stats.not_capper", user=wording.mention(user_id))))
    league, market = narrowing.typed(ctx, words)
    period = Period(str(options.get("period", Period.ALL.value)))
    return _shown(ctx, capper, _Wanted(user_id, period, league, market), "message")


narrowing.offer("stats", FUNCTION)


@component("stats.period", args=_STATE, who=Who.MEMBER, mode="deferred", function=FUNCTION)
def change_period(ctx: Context, *state: Any) -> Result:
    # The values of a select come from the client.
    period = next((period for period in Period if period.value == ctx.interaction.values[0]), Period.ALL)
    wanted = replace(_Wanted(*state), period=period)
    return _shown(ctx, _capper(ctx, wanted.capper_id), wanted, "update")


def _shown(ctx: Context, capper: Capper, wanted: _Wanted, kind: Literal["message", "update"]) -> Result:
    words = Words(ctx.person.locale)
    content, image = _card(ctx, capper, wanted, words)
    own = _followed(ctx, capper.user_id, words)
    if own is not None:
        content.append(components.text(own))
    periods = [
        Choice(words.plain(f"period.{period.value}"), period.value, default=period is wanted.period)
        for period in Period
    ]
    controls = components.select(wanted.id("stats.period"), periods, words.plain("board.period"))
    share = components.button(words.plain("stats.share"), wanted.id("stats.share"))
    reply = answers.private(*content, controls, components.row(share))
    return Result(Reply(kind, reply.data, (image,)))


def _followed(ctx: Context, user_id: int, words: Words) -> Markdown | None:
    """A member's own tails: nobody else's business."""
    if user_id != ctx.person.user_id:
        return None
    lines = own_results(ctx.session, rights.guild_id_of(ctx), user_id, words)
    return lines[0] if lines else None


@component("stats.share", args=_STATE, who=Who.MEMBER, function=FUNCTION, answers="message")
def share(ctx: Context, *state: Any) -> Result:
    words, wanted = Words(ctx.person.locale), _Wanted(*state)
    capper = _capper(ctx, wanted.capper_id)
    if ctx.interaction.channel_id is None:
        raise NotFoundError("no channel")
    public = rights.public_words(ctx)
    content, image = _card(ctx, capper, wanted, public)
    shared = public("stats.shared_by", user=wording.mention(ctx.person.user_id))
    data = components.message(*content, components.text(shared))
    target = {"channel_id": str(ctx.interaction.channel_id)}
    post = Post("message.post", f"share:{ctx.interaction.id}", target, data, (image,))
    channel = Markdown(f"<#{ctx.interaction.channel_id}>")
    return Result(answers.said(words("stats.shared", channel=channel)), (post,))


def _capper(ctx: Context, user_id: int) -> Capper:
    capper = GuildRepository(ctx.session, rights.guild_id_of(ctx)).capper(user_id)
    if capper is None:
        raise NotFoundError(f"no capper {user_id}")
    return capper


def _card(ctx: Context, capper: Capper, wanted: _Wanted, words: Words) -> tuple[list[Json], Image]:
    repository = RecordRepository(ctx.session, capper.guild_id)
    figures = _figures(ctx, repository, wanted)
    view = _view(capper, figures, wanted.called(words), words)
    values = {
        "name": capper.display_name,
        "record": view.record,
        "units": view.units,
        "roi": view.roi,
        "bets": figures.bets,
    }
    alt, line = words.plain("stats.alt", **values), words("stats.line", **values)
    if not wanted.everything:
        alt, line = f"{alt} · {view.period}", words("stats.narrowed", line=line, period=view.period)
    image = Image(FILE, alt, "stats", view.to_json())
    beside = _beside(ctx, repository, wanted, words)
    line = Markdown(" · ".join([line, *beside]))
    elsewhere = _imported(ctx, capper.user_id, words) if wanted.everything else None
    if elsewhere:
        line = Markdown(f"{line}\n{elsewhere}")
    return [components.text(line), components.gallery(FILE, image.alt)], image


def _figures(ctx: Context, repository: RecordRepository, wanted: _Wanted) -> Record:
    capper_id, when, league, market = wanted.capper_id, _when(ctx, wanted), wanted.league, wanted.market
    total = StandingsRepository(ctx.session, rights.guild_id_of(ctx)).of_capper(capper_id, when, league, market)
    if wanted.everything:
        return record(total, repository.newest(capper_id, _NEWEST))
    return record(total, repository.newest_of(capper_id, when, league, market, _NEWEST))


def _when(ctx: Context, wanted: _Wanted) -> Stretch:
    if wanted.period is Period.ALL:
        return EVER
    return stretch(wanted.period, sports_day(ctx.clock.now(), _zone(ctx)), wanted.league)


def _zone(ctx: Context) -> ZoneInfo:
    return rights.ready(GuildRepository(ctx.session, rights.guild_id_of(ctx)).guild(), Words(ctx.person.locale)).zone


def _beside(ctx: Context, repository: RecordRepository, wanted: _Wanted, words: Words) -> list[str]:
    """What was withdrawn, and what the closing lines say; sums of a league or market have none of their own."""
    guild_id = rights.guild_id_of(ctx)
    if wanted.everything:
        withdrawn = repository.withdrawn(wanted.capper_id)
        value = average_line(ctx.session, guild_id, wanted.capper_id, words)
        return [*([words("stats.withdrawn", count=withdrawn)] if withdrawn else []), *filter(None, [value])]
    if wanted.league or wanted.market:
        return []
    begun = datetime.combine(_when(ctx, wanted).first, time(), _zone(ctx)) + CUT_OFF
    return [*filter(None, [lately_line(ctx.session, guild_id, wanted.capper_id, begun.astimezone(UTC), words)])]


def _imported(ctx: Context, capper_id: int, words: Words) -> Markdown | None:
    """What came from elsewhere: beside the record, not in it."""
    standings = StandingsRepository(ctx.session, rights.guild_id_of(ctx))
    figures = record(standings.of_capper(capper_id, EVER, imported=True), ())
    if not figures.bets:
        return None
    return words(
        "stats.imported",
        bets=figures.bets,
        record=wording.record(figures.counts),
        units=wording.profit(figures.profit_micro),
        roi=wording.gain(figures.roi),
    )


def _view(capper: Capper, figures: Record, period: str, words: Words) -> StatsView:
    return StatsView(
        capper=capper.display_name,
        period=period,
        record=wording.record(figures.counts),
        units=wording.profit(figures.profit_micro),
        roi=wording.gain(figures.roi),
        win_rate=wording.percent(figures.win_rate),
        streak=_streak(figures.streak, words),
        risked=wording.units(figures.risk_micro),
        bets=captions.graded_bets(figures.bets, words),
        headings=captions.record_headings(words),
        lately=words.plain("picture.lately"),
        no_curve=words.plain("picture.no_curve"),
        form=captions.form(figures.form[-10:], words),
        curve=figures.curve,
    )


def _streak(streak: int, words: Words) -> str:
    if streak == 0:
        return "–"
    return words.plain("stats.won_streak" if streak > 0 else "stats.lost_streak", count=abs(streak))
