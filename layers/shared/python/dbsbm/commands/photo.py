"""A photo that a capper adds to bets: checked when it comes, posted under the slip."""

from __future__ import annotations

from dbsbm.bets.model import Bet, Ticket
from dbsbm.commands import payload, wording
from dbsbm.commands.words.catalogue import Words
from dbsbm.core.errors import InputError
from dbsbm.core.ids import encode
from dbsbm.discord import components
from dbsbm.discord.attachments import PHOTO_BYTES
from dbsbm.discord.components import cut
from dbsbm.discord.definitions import Image, Interaction, Post
from dbsbm.guilds.model import Capper, Guild

FIELD = "photo"
_ENDINGS = {"png": "png", "jpg": "jpg", "jpeg": "jpg", "webp": "webp", "gif": "gif"}


def attached(interaction: Interaction, words: Words) -> str:
    """The address of the photo that came with a form; empty when none did.

    Raises
    ------
    InputError
        When the file is no picture, or larger than a message may carry.
    """
    chosen = interaction.options.get(FIELD) or ()
    if not chosen:
        return ""
    file = payload.resolved_attachment(interaction, int(chosen[0]))
    name = str(file["filename"])
    if _ending(name) is None or int(file["size"]) > PHOTO_BYTES:
        raise InputError("photo", name, words.plain("problem.photo", most=PHOTO_BYTES // (1 << 20)), "slip.png")
    return str(file["url"])


def photo_posts(bet: Bet, ticket: Ticket, guild: Guild, capper: Capper) -> tuple[Post, ...]:
    """The photo in a message of its own, under the slip: what is stamped later is the slip's picture alone."""
    url = ticket.note.photo
    if not url:
        return ()
    words = Words(guild.locale)
    file = f"photo.{_ending(url.partition('?')[0])}"
    pick = cut(wording.summary(ticket, guild.odds_format, words), 200)
    data = components.message(
        components.text(words("photo.of", pick=pick, ref=encode(bet.bet_id))),
        components.gallery(file, words.plain("photo.alt", pick=pick)),
    )
    target = {"channel_id": str(bet.channel_id), "username": capper.display_name, "avatar_url": capper.avatar_url}
    image = Image(file, words.plain("photo.alt", pick=pick), "attachment", {"url": url})
    return (Post("slip.post", f"photo:{bet.bet_id}", target, data, (image,)),)


def _ending(name: str) -> str | None:
    return _ENDINGS.get(name.rpartition(".")[2].lower())
