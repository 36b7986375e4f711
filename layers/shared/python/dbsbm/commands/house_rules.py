"""The rules a server grades by: one select says which rule, the next what it is. Bets posted before keep theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from enum import StrEnum
from typing import Any, get_type_hints

from dbsbm.betting.profile import RuleProfile
from dbsbm.commands import answers, rights
from dbsbm.commands.words.catalogue import Words
from dbsbm.core.errors import ConflictError, InputError
from dbsbm.discord import components, custom_id
from dbsbm.discord.components import Choice, Style
from dbsbm.discord.definitions import Context, Json, Result, Who, component
from dbsbm.guilds.model import Guild
from dbsbm.guilds.repository import GuildRepository

FUNCTION = "command_guild"
_HOURS = (0, 6, 12, 24, 36, 48, 72, 168, 336)
RULES = tuple(each.name for each in fields(RuleProfile) if each.name != "version")


@component("rules.open", who=Who.ADMIN, function=FUNCTION, answers="message")
def open_rules(ctx: Context) -> Result:
    guild, words = _ready(ctx)
    return Result(answers.private(*_panel(guild, words, "")))


@component("rules.pick", who=Who.ADMIN, function=FUNCTION)
def pick(ctx: Context) -> Result:
    guild, words = _ready(ctx)
    return Result(answers.redrawn(*_panel(guild, words, _known(ctx.interaction.values[0], words))))


@component("rules.set", args=(str, int), who=Who.ADMIN, function=FUNCTION)
def change(ctx: Context, rule: str, version: int) -> Result:
    """Bound to the version that was shown: of two admins at once one is told."""
    guild, words = _ready(ctx)
    typed = ctx.interaction.values[0]
    value = next((each for each in _values(_known(rule, words)) if _wire(each) == typed), None)
    if value is None:
        raise InputError("rule", typed, words.plain("settings.not_offered"))
    changed = replace(guild.rule_profile, **{rule: value})
    repository = GuildRepository(ctx.session, guild.guild_id)
    if not repository.set_rules(changed, rule, _wire(value), version, ctx.clock.now()):
        raise ConflictError(words("rules.moved_on"))
    return Result(answers.redrawn(*_panel(_ready(ctx)[0], words, rule)))


def rules_button(words: Words) -> Json:
    """Opens the rules, from ``/settings``."""
    return components.button(words.plain("rules.open"), custom_id.build("rules.open"), Style.SECONDARY)


def _ready(ctx: Context) -> tuple[Guild, Words]:
    words = Words(ctx.person.locale)
    return rights.ready(GuildRepository(ctx.session, rights.guild_id_of(ctx)).guild(), words), words


def _panel(guild: Guild, words: Words, chosen: str) -> list[Json]:
    profile = guild.rule_profile
    lines = [words("rules.title", version=guild.rule_profile_version)]
    lines += [words("rules.line", rule=_name(rule, words), value=_said(rule, profile, words)) for rule in RULES]
    which = [Choice(_name(rule, words), rule, _said(rule, profile, words), default=rule == chosen) for rule in RULES]
    parts = [
        components.text("\n".join(lines)),
        components.select(custom_id.build("rules.pick"), which, words.plain("rules.which")),
    ]
    if chosen:
        now = getattr(profile, chosen)
        choices = [Choice(_shown(chosen, each, words), _wire(each), default=each == now) for each in _values(chosen)]
        wire = custom_id.build("rules.set", chosen, guild.rule_profile_version)
        parts.append(components.select(wire, choices, _name(chosen, words)))
    return parts


def _known(rule: str, words: Words) -> str:
    if rule not in RULES:
        raise InputError("rule", rule[:32], words.plain("settings.not_offered"))
    return rule


def _values(rule: str) -> Sequence[Any]:
    kind = get_type_hints(RuleProfile)[rule]
    if kind is bool:
        return (True, False)
    return _HOURS if kind is int else tuple(kind)


def _wire(value: Any) -> str:
    return value.value if isinstance(value, StrEnum) else str(value).lower()


def _name(rule: str, words: Words) -> str:
    return words.plain(f"rule.{rule}")


def _said(rule: str, profile: RuleProfile, words: Words) -> str:
    return _shown(rule, getattr(profile, rule), words)


def _shown(rule: str, value: Any, words: Words) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return words.plain("rules.hours", hours=value)
    return words.plain(f"rule.{rule}.{_wire(value)}")
