"""Who may use a route: decided at every click from the signed payload and the guild's own rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from dbsbm.audit.events import Kind, Subject
from dbsbm.audit.repository import AuditRepository
from dbsbm.commands import payload
from dbsbm.commands.words.catalogue import Markdown, Words
from dbsbm.core.errors import NotAllowedError, NotReadyError, WrongChannelError
from dbsbm.database.session import Cause, Session
from dbsbm.discord.definitions import Context, Interaction, Person, Who
from dbsbm.guilds.model import LEAVING, Capper, Guild
from dbsbm.guilds.repository import GuildRepository

ADMINISTRATOR = 1 << 3
MANAGE_GUILD = 1 << 5
_SET_UP = frozenset({"setup", "settings"})


def check(who: Who, interaction: Interaction, session: Session, now: datetime, operators: Mapping[int, str]) -> None:
    """Let the person pass or say what is missing. Whoever clicks in a guild shows that we are in it.

    Raises
    ------
    NotAllowedError
        Naming the role or permission that would do, or that the command works in a server only.
    NotReadyError
        When the right hangs on a set-up that has not been done, or the guild's data is being removed.
    WrongChannelError
        When the guild takes commands in other channels.
    """
    if who is Who.ANYONE:
        return
    words = Words(interaction.person.locale)
    if who is Who.OPERATOR:
        if interaction.person.user_id not in operators:
            raise NotAllowedError(words("error.not_operator"))
        return
    if interaction.guild_id is None:
        raise NotAllowedError(words("error.server_only"))
    repository = GuildRepository(session, interaction.guild_id)
    state, channels = repository.standing()
    if state == LEAVING:
        raise NotReadyError(words("error.leaving"))
    if state != "active":
        repository.revive(now)
    if channels and payload.is_typed(interaction) and not payload.is_in(interaction, channels):
        _check_set_up(who, interaction, channels, words)
    if who is Who.MEMBER:
        return
    guild = repository.guild()
    if who in (Who.ADMIN, Who.GRADER):
        if not is_grader(interaction.person, guild):
            raise NotAllowedError(admin_words(words, guild))
        return
    ready(guild, words)
    _check_capper(interaction.person, guild, repository.capper(interaction.person.user_id), words)


def _check_set_up(who: Who, interaction: Interaction, channels: Sequence[int], words: Words) -> None:
    """In a channel that takes no commands only the set-up is let pass: it says which channels do."""
    if who is Who.ADMIN and payload.command_name(interaction).split(" ")[0] in _SET_UP:
        return
    named = Markdown(" ".join(f"<#{channel_id}>" for channel_id in channels))
    raise WrongChannelError(words("error.wrong_channel", channels=named))


def record_refusal(session: Session, interaction: Interaction, route: str) -> None:
    """A right that somebody did not have, in a transaction of its own: the refused one stores nothing."""
    if interaction.guild_id is None:
        return
    session.cause = Cause(interaction.person.user_id, interaction.id, session.cause.at)
    subject = Subject(f"route:{route}"[:64])
    AuditRepository(session, interaction.guild_id).append(Kind.RIGHT_REFUSED, subject)


def is_grader(person: Person, guild: Guild | None) -> bool:
    """Manage Server, Administrator, or the guild's admin role."""
    if person.permissions & (ADMINISTRATOR | MANAGE_GUILD):
        return True
    return guild is not None and guild.admin_role_id in person.role_ids


def ready(guild: Guild | None, words: Words) -> Guild:
    """The guild, once its slip channel is set.

    Raises
    ------
    NotReadyError
        Naming the step that is missing.
    """
    if guild is None or guild.slip_channel_id is None:
        raise NotReadyError(words("error.no_setup"))
    return guild


def public_words(ctx: Context) -> Words:
    """The words of what is posted for everybody in the interaction's guild."""
    guild = GuildRepository(ctx.session, guild_id_of(ctx)).guild()
    return Words() if guild is None else Words(guild.locale)


def guild_id_of(ctx: Context) -> int:
    """The guild of an interaction whose route is for guilds only."""
    if ctx.interaction.guild_id is None:
        raise NotAllowedError(Words(ctx.person.locale)("error.server_only"))
    return ctx.interaction.guild_id


def admin_words(words: Words, guild: Guild | None) -> Markdown:
    """What somebody lacks who may neither set up nor grade."""
    if guild is None or guild.admin_role_id is None:
        return words("error.not_admin")
    return words("error.not_admin_role", role=Markdown(f"<@&{guild.admin_role_id}>"))


def _check_capper(person: Person, guild: Guild | None, capper: Capper | None, words: Words) -> None:
    if capper is None or not capper.active:
        raise NotAllowedError(words("error.not_capper", user=Markdown(f"<@{person.user_id}>")))
    role_id = guild.capper_role_id if guild else None
    if role_id is not None and role_id not in person.role_ids:
        raise NotAllowedError(words("error.no_capper_role", role=Markdown(f"<@&{role_id}>")))
