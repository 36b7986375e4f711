"""What ``/settings`` shows of posts and counters."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import StrEnum

from dbsbm.commands import wording
from dbsbm.commands.words.catalogue import Markdown, Words
from dbsbm.community.model import (
    POSTS,
    RECAP_HOURS,
    REMINDER_HOURS,
    TOP_COUNTS,
    CommunityPlan,
    Counter,
    Routine,
)
from dbsbm.community.repository import CommunityRepository
from dbsbm.database.session import Session
from dbsbm.discord import components, custom_id
from dbsbm.discord.components import Choice
from dbsbm.discord.definitions import Json
from dbsbm.guilds.model import Guild

_STRING_SELECT = 3


class Hour(StrEnum):
    RECAP = "recap_hour"
    REMINDER = "reminder_hour"


def shown(session: Session, guild: Guild, words: Words) -> tuple[list[str], list[Json]]:
    """The lines that say what is set, and the controls that change it."""
    repository = CommunityRepository(session, guild.guild_id)
    plan, on = repository.plan(), repository.routines()
    counters = [each.counter for each in repository.counters()]
    return _lines(guild, plan, on, counters, words), _controls(plan, on, counters, words)


def _lines(
    guild: Guild, plan: CommunityPlan, on: Collection[Routine], counters: Sequence[Counter], words: Words
) -> list[str]:
    place = plan.channel_id or guild.results_channel_id or guild.slip_channel_id
    lines: list[str] = [
        words("posts.channel", channel=Markdown(f"<#{place}>") if place else words("setup.not_set")),
        words("posts.on", names=_names([routine for routine in POSTS if routine in on], "posts.kind", words)),
        words(
            "posts.hours",
            recap=wording.time_of_day(plan.recap_hour, 0, words),
            reminder=wording.time_of_day(plan.reminder_hour, 0, words),
        ),
        words("posts.counters", names=_names([each for each in Counter if each in counters], "posts.counter", words)),
    ]
    if plan.top_role_id is None:
        lines.append(words("posts.no_role"))
    else:
        lines.append(words("posts.role", role=Markdown(f"<@&{plan.top_role_id}>"), count=plan.top_count))
    lines.extend(words(f"notice.{about}", reason=reason) for about, reason in plan.notices.items())
    return lines


def _controls(plan: CommunityPlan, on: Collection[Routine], counters: Collection[Counter], words: Words) -> list[Json]:
    posts = [Choice(words.plain(f"posts.kind_{each.value}"), each.value, default=each in on) for each in POSTS]
    shown = [
        Choice(words.plain(f"posts.counter_{each.value}"), each.value, default=each in counters) for each in Counter
    ]
    counts = [
        Choice(words.plain("posts.top", count=count), str(count), default=count == plan.top_count)
        for count in TOP_COUNTS
    ]
    return [
        components.channel_select(
            custom_id.build("posts.channel"), words.plain("posts.pick_channel"), plan.channel_id, optional=True
        ),
        _several("posts.kinds", posts, words.plain("posts.pick_kinds")),
        _hours(Hour.RECAP, RECAP_HOURS, plan.recap_hour, words),
        _hours(Hour.REMINDER, REMINDER_HOURS, plan.reminder_hour, words),
        _several("posts.counters", shown, words.plain("posts.pick_counters")),
        components.role_select(
            custom_id.build("posts.role"), words.plain("posts.pick_role"), plan.top_role_id, optional=True
        ),
        components.select(custom_id.build("posts.count"), counts, words.plain("posts.pick_count")),
    ]


def _names(chosen: Sequence[StrEnum], prefix: str, words: Words) -> str:
    names = [words.plain(f"{prefix}_{each.value}") for each in chosen]
    return ", ".join(names) or words.plain("posts.none")


def _hours(which: Hour, hours: Sequence[int], current: int, words: Words) -> Json:
    choices = [
        Choice(
            words.plain(f"posts.{which.value}", time=wording.time_of_day(hour, 0, words)),
            str(hour),
            default=hour == current,
        )
        for hour in hours
    ]
    return components.select(custom_id.build("posts.hour", which), choices, words.plain(f"posts.pick_{which.value}"))


def _several(route: str, choices: Sequence[Choice], placeholder: str) -> Json:
    """A select of any number of its choices, none included."""
    built = components.select(custom_id.build(route), choices, placeholder)
    built["components"][0] |= {"min_values": 0, "max_values": len(choices)}
    return built
