"""What a capper sees before posting: the whole pick in text at once, the picture when it is drawn."""

from __future__ import annotations

from typing import Literal

from dbsbm.bets.model import Draft, Pick
from dbsbm.bets.posting import offered
from dbsbm.bets.price_check import best, check
from dbsbm.betting.stakes import MICRO
from dbsbm.commands import answers, wording
from dbsbm.commands.payload import TOKEN_LIFE
from dbsbm.commands.slip import FILE, pick_line, preview_image
from dbsbm.commands.words.catalogue import Words
from dbsbm.discord import components, custom_id
from dbsbm.discord.components import Choice, Style
from dbsbm.discord.definitions import Context, Image, Json, Post, Reply, Result
from dbsbm.games.repository import GameRepository
from dbsbm.guilds.model import Guild
from dbsbm.guilds.repository import GuildRepository

COMMON_STAKES = tuple(MICRO * halves // 2 for halves in (1, 2, 3, 4, 5, 6, 8, 10, 20))


def shown(ctx: Context, draft: Draft, guild: Guild, *, kind: Literal["message", "update"], note: str = "") -> Result:
    """The draft as it stands: text and buttons now, the picture behind it unless the draft moves on first."""
    words = Words(ctx.person.locale)
    if len(draft.picks) > 1:
        return _result(ctx, draft, _question(ctx, draft, guild, note), kind)
    pick = draft.picks[0]
    content = _content(ctx, draft, guild, note)
    image = preview_image(pick, _capper_name(ctx, guild), guild, words)
    drawn = [content[0], components.gallery(FILE, image.alt), *content[1:]]
    return Result(_reply(kind, content), (edit(ctx, draft, drawn, (image,)),))


def closed(ctx: Context, draft: Draft, content: list[Json]) -> Result:
    """The draft's last state: repeated through the outbox, so that no picture drawn earlier comes after it."""
    return _result(ctx, draft, content, "update")


def edit(ctx: Context, draft: Draft, content: list[Json], images: tuple[Image, ...] = ()) -> Post:
    """The private message of the draft as a desired state: of several the last one stays."""
    interaction = ctx.interaction
    data = components.message(*content)
    return Post(
        kind="reply.edit",
        target_key=f"draft:{draft.draft_id}",
        target={
            "application_id": interaction.application_id,
            "interaction_id": interaction.id,
            "token": interaction.token,
            "how": "edit_original",
        },
        data=data if images else {**data, "attachments": []},
        images=images,
        expires_at=interaction.created_at + TOKEN_LIFE,
    )


def _result(ctx: Context, draft: Draft, content: list[Json], kind: Literal["message", "update"]) -> Result:
    """Without a picture: only a draft that had one before needs its last state repeated."""
    outbox = (edit(ctx, draft, content),) if kind == "update" else ()
    return Result(_reply(kind, content), outbox)


def _reply(kind: Literal["message", "update"], content: list[Json]) -> Reply:
    return answers.private(*content) if kind == "message" else answers.redrawn(*content)


def _content(ctx: Context, draft: Draft, guild: Guild, note: str) -> list[Json]:
    words, pick = Words(ctx.person.locale), draft.picks[0]
    stake = pick.stake
    lines: list[str] = [note] if note else []
    lines.append(pick_line(pick.selection, stake, guild, words))
    lines.append(words("details.money", risk=wording.units(stake.risk_micro), to_win=wording.units(stake.to_win_micro)))
    lines.append(_price_line(ctx, pick, guild, words))
    if pick.filled:
        names = ", ".join(words.plain(f"filled.{name}") for name in pick.filled)
        lines.append(words("preview.filled", fields=names))
    ids = (draft.draft_id, draft.version)
    stakes = [
        Choice(wording.units(amount), str(amount), default=amount == pick.amount_micro)
        for amount in sorted({*COMMON_STAKES, pick.amount_micro})
    ]
    return [
        components.text("\n".join(lines)),
        components.select(custom_id.build("draft.stake", *ids), stakes, words.plain("preview.stake")),
        components.row(
            components.button(words.plain("preview.post"), custom_id.build("draft.post", *ids), Style.SUCCESS),
            components.button(words.plain("preview.edit"), custom_id.build("draft.edit", *ids)),
            components.button(words.plain("preview.cancel"), custom_id.build("draft.cancel", *ids)),
        ),
    ]


def _price_line(ctx: Context, pick: Pick, guild: Guild, words: Words) -> str:
    """How the price compares now, with the best one and its age."""
    prices = GameRepository(ctx.session).prices([pick.selection.game_id])
    at = ctx.interaction.created_at
    verdict = words(f"price.{check(pick.selection, offered(ctx.session, pick.selection.game_id, at), at).value}")
    offer = best(pick.selection, prices)
    if offer is None:
        return verdict
    shown_odds = wording.price(offer.odds, guild.odds_format)
    seen = wording.moment(offer.taken_at, "R")
    return f"{verdict} {words('preview.best', odds=shown_odds, book=offer.book, when=seen)}"


def _question(ctx: Context, draft: Draft, guild: Guild, note: str) -> list[Json]:
    words = Words(ctx.person.locale)
    choices = []
    for number, pick in enumerate(draft.picks):
        when = wording.clock_time(pick.selection.starts_at, guild.zone, ctx.clock.now())
        name = wording.summary(pick, guild.odds_format, words)
        choices.append(Choice(name, str(number), description=f"{wording.matchup(pick.selection)} · {when}"))
    ids = (draft.draft_id, draft.version)
    asked = words("preview.which", typed=components.cut(draft.typed, 100))
    return [
        components.text(f"{note}\n{asked}" if note else asked),
        components.select(custom_id.build("draft.choose", *ids), choices, words.plain("preview.choose")),
        components.row(components.button(words.plain("preview.cancel"), custom_id.build("draft.cancel", *ids))),
    ]


def _capper_name(ctx: Context, guild: Guild) -> str:
    capper = GuildRepository(ctx.session, guild.guild_id).capper(ctx.person.user_id)
    return capper.display_name if capper is not None else ctx.person.name
