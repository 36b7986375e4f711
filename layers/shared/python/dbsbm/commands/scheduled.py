"""What an admin sets about posts, counters and the role of the month's best; each control saves at once."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from dbsbm.commands import answers, counters, payload, rights, settings, setup, top_role
from dbsbm.commands.posts_tab import Hour
from dbsbm.commands.words.catalogue import Markdown, Words
from dbsbm.community import service
from dbsbm.community.model import POSTS, RECAP_HOURS, REMINDER_HOURS, TOP_COUNTS, Counter, Routine
from dbsbm.community.moments import following
from dbsbm.community.repository import CommunityRepository
from dbsbm.core.errors import InputError, NotAllowedError
from dbsbm.discord.definitions import Context, Post, Result, Who, component
from dbsbm.discord.roles import unfit
from dbsbm.guilds.model import Guild
from dbsbm.guilds.repository import GuildRepository
from dbsbm.tiers import service as tiers
from dbsbm.tiers.model import Limit

FUNCTION = settings.FUNCTION
MANAGE_ROLES = 1 << 28
_Choice = TypeVar("_Choice", bound=StrEnum)


@component("posts.channel", who=Who.ADMIN, function=FUNCTION)
def channel(ctx: Context) -> Result:
    _, words, repository = _room(ctx)
    picked = int(ctx.interaction.values[0]) if ctx.interaction.values else None
    if picked is not None:
        setup.check_channel(ctx, picked, words)
    repository.set("channel_id", picked)
    return _redrawn(ctx)


@component("posts.kinds", who=Who.ADMIN, function=FUNCTION)
def kinds(ctx: Context) -> Result:
    guild, _, repository = _room(ctx)
    wanted = [routine for routine in _chosen(ctx, Routine) if routine in POSTS]
    added = [routine for routine in wanted if routine not in repository.routines()]
    if added:
        tiers.require(ctx, Limit.SCHEDULED_POSTS, lambda: len(wanted) - len(added), adding=len(added))
    service.switch_posts(repository, wanted, repository.plan(), guild.zone, ctx.clock.now())
    return _redrawn(ctx)


@component("posts.hour", args=(Hour,), who=Who.ADMIN, function=FUNCTION)
def hour(ctx: Context, which: Hour) -> Result:
    guild, _, repository = _room(ctx)
    offered = RECAP_HOURS if which is Hour.RECAP else REMINDER_HOURS
    repository.set("recap_hour" if which is Hour.RECAP else "reminder_hour", _number(ctx, offered))
    service.reschedule(repository, guild.zone, ctx.clock.now())
    return _redrawn(ctx)


@component("posts.counters", who=Who.ADMIN, function=FUNCTION)
def choose_counters(ctx: Context) -> Result:
    guild, words, repository = _room(ctx)
    wanted = _chosen(ctx, Counter)
    if wanted or repository.counters():
        _check_rights(ctx, counters.NEEDED, words)
    repository.notice(repository.plan(), "counters", "")
    application_id, now = ctx.interaction.application_id, ctx.clock.now()
    posts = counters.switched(
        ctx.session,
        guild.guild_id,
        wanted,
        words=Words(guild.locale),
        ids=ctx.ids,
        application_id=application_id,
        now=now,
    )
    return _redrawn(ctx, posts)


@component("posts.role", who=Who.ADMIN, function=FUNCTION)
def role(ctx: Context) -> Result:
    guild, words, repository = _room(ctx)
    picked = int(ctx.interaction.values[0]) if ctx.interaction.values else None
    if picked is not None:
        _check_rights(ctx, {"manage_roles": MANAGE_ROLES}, words)
        _check_role(ctx, picked, guild, words)
    plan, now = repository.plan(), ctx.clock.now()
    if picked == plan.top_role_id:
        return _redrawn(ctx)
    repository.set("top_role_id", picked)
    repository.notice(plan, "role", "")
    posts = top_role.taken_back(ctx.session, guild.guild_id)
    if posts:
        repository.due_at(Routine.ROLE_CHECK, now + top_role.CHECK_AFTER)
    if picked is None:
        repository.off(Routine.TOP_ROLE)
    else:
        due = following(Routine.TOP_ROLE, plan.hour(Routine.TOP_ROLE), guild.zone, now)
        repository.due_at(Routine.TOP_ROLE, due.at)
    return _redrawn(ctx, posts)


@component("posts.count", who=Who.ADMIN, function=FUNCTION)
def count(ctx: Context) -> Result:
    _, _, repository = _room(ctx)
    repository.set("top_count", _number(ctx, TOP_COUNTS))
    return _redrawn(ctx)


def _room(ctx: Context) -> tuple[Guild, Words, CommunityRepository]:
    words, guild_id = Words(ctx.person.locale), rights.guild_id_of(ctx)
    guild = rights.ready(GuildRepository(ctx.session, guild_id).guild(), words)
    return guild, words, CommunityRepository(ctx.session, guild_id)


def _redrawn(ctx: Context, posts: list[Post] | None = None) -> Result:
    return Result(answers.redrawn(*settings.panel(ctx, settings.Tab.POSTS)), tuple(posts or ()))


def _chosen(ctx: Context, offered: type[_Choice]) -> list[_Choice]:
    """What was chosen, in the order offered: values come from the client."""
    return [each for each in offered if each.value in ctx.interaction.values]


def _number(ctx: Context, offered: tuple[int, ...]) -> int:
    typed = ctx.interaction.values[0]
    found = next((number for number in offered if str(number) == typed), None)
    if found is None:
        raise InputError("setting", typed, Words(ctx.person.locale).plain("settings.not_offered"))
    return found


def _check_rights(ctx: Context, needed: dict[str, int], words: Words) -> None:
    """Refuse what the bot could not do, naming each right that it lacks.

    Raises
    ------
    NotAllowedError
        When a right is missing.
    """
    ours = int(ctx.interaction.raw.get("app_permissions") or 0)
    missing = [words.plain(f"right.{name}") for name, bit in needed.items() if not ours & bit]
    if missing and not ours & rights.ADMINISTRATOR:
        raise NotAllowedError(words("posts.missing", rights=", ".join(missing)))


def _check_role(ctx: Context, role_id: int, guild: Guild, words: Words) -> None:
    """Refuse a role that is not to be handed out. Where it stands beside the bot's own is looked at when it is given.

    Raises
    ------
    NotAllowedError
        Saying why.
    """
    named = Markdown(f"<@&{role_id}>")
    if role_id in (guild.capper_role_id, guild.admin_role_id):
        raise NotAllowedError(words("posts.role_in_use", role=named))
    reason = unfit(payload.resolved_role(ctx.interaction, role_id), guild.guild_id)
    if reason is not None:
        raise NotAllowedError(words(f"posts.role_{reason.value}", role=named))
