"""``/stats``: a capper's record as a private card, with *Share*."""

from __future__ import annotations

from dbsbm.bets.record.figures import Record, record
from dbsbm.bets.record.repository import RecordRepository
from dbsbm.commands import answers, rights, wording
from dbsbm.commands.closing import average_line
from dbsbm.commands.tail import own_results
from dbsbm.commands.words.catalogue import Markdown, Words
from dbsbm.core.errors import NotFoundError
from dbsbm.discord import components, custom_id
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


@command(
    "stats",
    "A capper's record as a card",
    who=Who.MEMBER,
    mode="deferred",
    function=FUNCTION,
    options=(Option("user", "Whose record, instead of your own", OptionType.USER),),
)
def stats(ctx: Context) -> Result:
    words = Words(ctx.person.locale)
    user_id = int(ctx.interaction.options.get("user", ctx.person.user_id))
    capper = GuildRepository(ctx.session, rights.guild_id_of(ctx)).capper(user_id)
    if capper is None:
        followed = _followed(ctx, user_id, words)
        return Result(answers.said(followed or words("stats.not_capper", user=wording.mention(user_id))))
    share = components.button(words.plain("stats.share"), custom_id.build("stats.share", user_id))
    content, image = _card(ctx, capper, words)
    reply = answers.private(*content, components.row(share))
    return Result(Reply(reply.kind, reply.data, (image,)))


def _followed(ctx: Context, user_id: int, words: Words) -> Markdown | None:
    """A member's own tails: nobody else's business."""
    if user_id != ctx.person.user_id:
        return None
    lines = own_results(ctx.session, rights.guild_id_of(ctx), user_id, words)
    return lines[0] if lines else None


@component("stats.share", args=(int,), who=Who.MEMBER, function=FUNCTION, answers="message")
def share(ctx: Context, user_id: int) -> Result:
    words = Words(ctx.person.locale)
    capper = GuildRepository(ctx.session, rights.guild_id_of(ctx)).capper(user_id)
    if capper is None or ctx.interaction.channel_id is None:
        raise NotFoundError(f"no capper {user_id}")
    public = rights.public_words(ctx)
    content, image = _card(ctx, capper, public)
    shared = public("stats.shared_by", user=wording.mention(ctx.person.user_id))
    data = components.message(*content, components.text(shared))
    target = {"channel_id": str(ctx.interaction.channel_id)}
    post = Post("message.post", f"share:{ctx.interaction.id}", target, data, (image,))
    channel = Markdown(f"<#{ctx.interaction.channel_id}>")
    return Result(answers.said(words("stats.shared", channel=channel)), (post,))


def _card(ctx: Context, capper: Capper, words: Words) -> tuple[list[Json], Image]:
    repository = RecordRepository(ctx.session, capper.guild_id)
    figures = record(repository.by_grade(capper.user_id), repository.newest(capper.user_id, _NEWEST))
    view = _view(capper, figures, words)
    values = {
        "name": capper.display_name,
        "record": view.record,
        "units": view.units,
        "roi": view.roi,
        "bets": view.bets,
    }
    image = Image(FILE, words.plain("stats.alt", **values), "stats", view.to_json())
    line = words("stats.line", **values)
    elsewhere = _imported(repository, capper.user_id, words)
    if elsewhere:
        line = Markdown(f"{line}\n{elsewhere}")
    withdrawn = repository.withdrawn(capper.user_id)
    if withdrawn:
        line = Markdown(f"{line} · {words('stats.withdrawn', count=withdrawn)}")
    value = average_line(ctx.session, capper.guild_id, capper.user_id, words)
    if value:
        line = Markdown(f"{line} · {value}")
    return [components.text(line), components.gallery(FILE, image.alt)], image


def _imported(repository: RecordRepository, capper_id: int, words: Words) -> Markdown | None:
    """What came from elsewhere: beside the record, not in it."""
    figures = record(repository.by_grade(capper_id, imported=True), ())
    if not figures.bets:
        return None
    return words(
        "stats.imported",
        bets=figures.bets,
        record=wording.record(figures.counts),
        units=wording.profit(figures.profit_micro),
        roi=wording.gain(figures.roi),
    )


def _view(capper: Capper, figures: Record, words: Words) -> StatsView:
    return StatsView(
        capper=capper.display_name,
        period=words.plain("stats.all_time"),
        record=wording.record(figures.counts),
        units=wording.profit(figures.profit_micro),
        roi=wording.gain(figures.roi),
        win_rate=wording.percent(figures.win_rate),
        streak=_streak(figures.streak, words),
        risked=wording.units(figures.risk_micro),
        bets=figures.bets,
        form=tuple(grade.value for grade in figures.form[-10:]),
        curve=figures.curve,
    )


def _streak(streak: int, words: Words) -> str:
    if streak == 0:
        return "–"
    return words.plain("stats.won_streak" if streak > 0 else "stats.lost_streak", count=abs(streak))
