"""Limits of application commands and their choices (Discord reference, "Application Commands")."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from dbsbm.discord.findings import Findings, Problem, under

Json = dict[str, Any]

CHAT_INPUT, USER, MESSAGE, ENTRY_POINT = range(1, 5)
SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN, USER_OPTION, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = range(1, 12)

MAX_BY_TYPE = {CHAT_INPUT: 100, USER: 15, MESSAGE: 15, ENTRY_POINT: 1}
"""Commands of one type in one scope (the application, or a guild)."""
MAX_CHARACTERS = 8000
"""Over name, description and string values of a command; of localizations the longest counts."""
MAX_SAFE_INTEGER = 2**53 - 1

LOCALES = frozenset(
    (
        *(
            "id",
            "da",
            "de",
            "en-GB",
            "en-US",
            "es-ES",
            "es-419",
            "fr",
            "hr",
            "it",
            "lt",
            "hu",
            "nl",
            "no",
            "pl",
            "pt-BR",
        ),
        *(
            "ro",
            "fi",
            "sv-SE",
            "vi",
            "tr",
            "cs",
            "el",
            "bg",
            "ru",
            "uk",
            "hi",
            "th",
            "zh-CN",
            "ja",
            "zh-TW",
            "ko",
            "ar",
        ),
        "he",
    )
)

_DEVANAGARI = ((0x0900, 0x0950), (0x0955, 0x0963), (0x0966, 0x097F), (0xA8E0, 0xA8FF), (0x11B00, 0x11B09))
_THAI = ((0x0E01, 0x0E3A), (0x0E40, 0x0E5B))


def is_command_name(name: str) -> bool:
    """``^[-_'\\p{L}\\p{N}\\p{sc=Deva}\\p{sc=Thai}]{1,32}$``, lower case wherever there is one."""
    return 1 <= len(name) <= 32 and name == name.lower() and all(_in_name(character) for character in name)


def _in_name(character: str) -> bool:
    if character in "-_'" or unicodedata.category(character)[0] in "LN":
        return True
    point = ord(character)
    return any(low <= point <= high for low, high in (*_DEVANAGARI, *_THAI))


def check_choices(choices: Any, *, option_type: int | None = None) -> list[Problem]:
    """Choices of an autocomplete answer, at most 25; paths start at the list itself."""
    found = Findings()
    _choices(found, {"choices": choices}, "", option_type)
    return found.problems


def _choices(found: Findings, data: Json, path: str, option_type: int | None) -> None:
    names = []
    for index, value in enumerate(found.items(data, path, "choices", 0, 25, required=True)):
        at = under(under(path, "choices"), index)
        choice = found.mapping(value, at)
        if choice is None:
            continue
        found.text(choice, at, "name", 1, 100, required=True)
        _localizations(found, choice, at, "name_localizations", 100, is_name=False)
        names.append((under(at, "name"), str(choice.get("name"))))
        _choice_value(found, choice, at, option_type)
    if option_type is not None:
        found.unique(names, "Option choice name already used", "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_ALREADY_EXISTS")


def _choice_value(found: Findings, choice: Json, path: str, option_type: int | None) -> None:
    value = choice.get("value")
    at = under(path, "value")
    if value is None or isinstance(value, bool) or not isinstance(value, str | int | float):
        found.add(at, "A choice has a string or a number as its value.", "BASE_TYPE_REQUIRED")
    elif isinstance(value, str):
        if option_type in (INTEGER, NUMBER):
            found.add(at, "Value is not a number.", "NUMBER_TYPE_COERCE")
        elif not 1 <= len(value) <= 100:
            found.add(at, "Must be between 1 and 100 in length.", "BASE_TYPE_BAD_LENGTH")
    elif option_type == STRING:
        found.add(at, "Could not interpret value as string.", "STRING_TYPE_CONVERT")
    elif abs(value) > MAX_SAFE_INTEGER or (option_type == INTEGER and not isinstance(value, int)):
        found.add(at, "Value is not an integer within 2^53.", "NUMBER_TYPE_COERCE")


def check_commands(commands: Any, *, guild: bool = False) -> list[Problem]:
    """The body of a bulk overwrite; paths start with the index of the command."""
    if not isinstance(commands, list):
        return [Problem("", "Only iterables may be used in a ListType", "LIST_TYPE_CONVERT")]
    found = Findings()
    names = []
    counts = dict.fromkeys(MAX_BY_TYPE, 0)
    for index, command in enumerate(commands):
        found.problems += [
            Problem(under(str(index), problem.path) if problem.path else str(index), problem.message, problem.code)
            for problem in check_command(command, guild=guild)
        ]
        if not isinstance(command, dict):
            continue
        kind = command.get("type") or CHAT_INPUT
        if isinstance(kind, int) and kind in counts:
            counts[kind] += 1
        names.append((f"{index}/name", (kind, command.get("name"))))
    found.unique(names, "Application command names must be unique", "APPLICATION_COMMANDS_DUPLICATE_NAME")
    for kind, count in counts.items():
        if count > MAX_BY_TYPE[kind]:
            found.add(
                "", f"Maximum number of application commands reached ({MAX_BY_TYPE[kind]})", "APPLICATION_COMMANDS_MAX"
            )
    return found.problems


def check_command(command: Any, *, guild: bool = False) -> list[Problem]:
    """One command as it is created or overwritten; ``guild``: it is to belong to a guild."""
    found = Findings()
    body = found.mapping(command, "")
    if body is None:
        return found.problems
    found.choice(body, "", "type", MAX_BY_TYPE)
    kind = body.get("type") or CHAT_INPUT
    if kind == CHAT_INPUT:
        _name(found, body, "")
        found.text(body, "", "description", 1, 100, required=True)
        _localizations(found, body, "", "description_localizations", 100, is_name=False)
        _options(found, body, "", (SUBCOMMAND, GROUP))
    else:
        _other_kind(found, body)
    _localizations(found, body, "", "name_localizations", 32, is_name=kind == CHAT_INPUT)
    _permissions(found, body, guild=guild)
    size = _characters(body)
    if size > MAX_CHARACTERS:
        found.add("", f"Command exceeds maximum size ({MAX_CHARACTERS}): {size}", "APPLICATION_COMMAND_TOO_LARGE")
    return found.problems


def _other_kind(found: Findings, body: Json) -> None:
    found.text(body, "", "name", 1, 32, required=True)
    if body.get("type") != ENTRY_POINT and body.get("description"):
        found.add(
            "description",
            "Context menu commands cannot have description",
            "APPLICATION_COMMAND_DESCRIPTION_NOT_ALLOWED",
        )
    if body.get("options"):
        found.add("options", "Context menu commands cannot have options", "APPLICATION_COMMAND_OPTIONS_NOT_ALLOWED")


def _permissions(found: Findings, body: Json, *, guild: bool) -> None:
    rights = body.get("default_member_permissions")
    if rights is not None and (isinstance(rights, bool) or not str(rights).isdigit()):
        found.add("default_member_permissions", "A bit set as a string of digits.", "PERMISSIONS_TYPE_CONVERT")
    for key, allowed in (("contexts", (0, 1, 2)), ("integration_types", (0, 1))):
        values = found.items(body, "", key, 1)
        if any(isinstance(value, bool) or value not in allowed for value in values):
            found.add(key, f"Value must be one of {allowed}.", "ENUM_TYPE_COERCE")
        if len(values) != len(set(map(str, values))):
            found.add(key, "Values must be unique.", "SET_TYPE_ALREADY_CONTAINS_VALUE")
        if guild and body.get(key) is not None:
            found.add(key, f"{key} is only for global commands.", "APPLICATION_COMMAND_GUILD_CONTEXT")


def _name(found: Findings, data: Json, path: str) -> None:
    name = found.text(data, path, "name", 1, 32, required=True)
    if name and len(name) <= 32 and not is_command_name(name):
        found.add(under(path, "name"), "Command name is invalid", "APPLICATION_COMMAND_INVALID_NAME")


def _localizations(found: Findings, data: Json, path: str, key: str, high: int, *, is_name: bool) -> None:
    if data.get(key) is None:
        return
    at = under(path, key)
    words = found.mapping(data[key], at)
    for locale, word in (words or {}).items():
        if locale not in LOCALES:
            found.add(under(at, locale), "Unknown locale", "UNKNOWN_LOCALE")
        else:
            found.text({locale: word}, at, locale, 1, high, required=True)
            if is_name and isinstance(word, str) and not is_command_name(word):
                found.add(under(at, locale), "Command name is invalid", "APPLICATION_COMMAND_INVALID_NAME")


def _options(found: Findings, data: Json, path: str, nested: Sequence[int]) -> None:
    options = found.items(data, path, "options", 0, 25)
    at = under(path, "options")
    kinds = []
    names = []
    optional_seen = False
    for index, value in enumerate(options):
        here = under(at, index)
        option = found.mapping(value, here)
        if option is None:
            continue
        kinds.append(option.get("type"))
        names.append((under(here, "name"), option.get("name")))
        _option(found, option, here, nested)
        if option.get("type") in (SUBCOMMAND, GROUP):
            continue
        if option.get("required") and optional_seen:
            found.add(
                here,
                "Required options must be placed before non-required options",
                "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
            )
        optional_seen = optional_seen or not option.get("required")
    found.unique(names, "Option name already used", "APPLICATION_COMMAND_OPTIONS_NAME_INVALID")
    if any(kind in (SUBCOMMAND, GROUP) for kind in kinds) and any(kind not in (SUBCOMMAND, GROUP) for kind in kinds):
        found.add(
            at,
            "Sub-command and sub-command group option types are mutually exclusive to other types",
            "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
        )


def _option(found: Findings, option: Json, path: str, nested: Sequence[int]) -> None:
    plain = () if tuple(nested) == (SUBCOMMAND,) else range(STRING, ATTACHMENT + 1)  # a group holds subcommands alone
    allowed = (*nested, *plain)
    found.choice(option, path, "type", allowed, required=True)
    _name(found, option, path)
    found.text(option, path, "description", 1, 100, required=True)
    _localizations(found, option, path, "name_localizations", 32, is_name=True)
    _localizations(found, option, path, "description_localizations", 100, is_name=False)
    found.flag(option, path, "required", "autocomplete")
    kind = option.get("type")
    if kind == SUBCOMMAND and kind in nested:
        _options(found, option, path, ())
    elif kind == GROUP and kind in nested:
        _options(found, option, path, (SUBCOMMAND,))
    else:
        _value_limits(found, option, path, kind)


def _value_limits(found: Findings, option: Json, path: str, kind: Any) -> None:
    has_choices = option.get("choices") not in (None, [])
    found.channel_types(option, path)
    if has_choices:
        _choices(found, option, path, kind if isinstance(kind, int) else None)
    if option.get("autocomplete") and has_choices:
        found.add(
            under(path, "autocomplete"),
            "Autocomplete and choices exclude each other",
            "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_CHOICES",
        )
    if (has_choices or option.get("autocomplete")) and kind not in (STRING, INTEGER, NUMBER):
        found.add(
            path, "Choices and autocomplete are for strings and numbers", "APPLICATION_COMMAND_OPTIONS_CHOICES_INVALID"
        )
    low = found.integer(option, path, "min_length", 0, 6000)
    high = found.integer(option, path, "max_length", 1, 6000)
    if low is not None and high is not None and low > high:
        found.add(
            under(path, "min_length"), "min_length is more than max_length", "APPLICATION_COMMAND_OPTIONS_MIN_OVER_MAX"
        )
    bounds = [option.get("min_value"), option.get("max_value")]
    for key, bound in zip(("min_value", "max_value"), bounds, strict=True):
        if bound is not None and not _is_bound(bound, whole=kind == INTEGER):
            found.add(under(path, key), "Value is not a number within 2^53.", "NUMBER_TYPE_COERCE")
    numbers = [bound for bound in bounds if isinstance(bound, int | float)]
    if len(numbers) == 2 and numbers[0] > numbers[1]:
        found.add(
            under(path, "min_value"), "min_value is more than max_value", "APPLICATION_COMMAND_OPTIONS_MIN_OVER_MAX"
        )


def _is_bound(value: Any, *, whole: bool) -> bool:
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        return False
    return bool(abs(value) <= MAX_SAFE_INTEGER)


def _characters(data: Json) -> int:
    size = _longest(data, "name") + _longest(data, "description")
    for choice in _list(data, "choices"):
        if isinstance(choice, dict):
            size += _longest(choice, "name")
            size += len(choice["value"]) if isinstance(choice.get("value"), str) else 0
    return size + sum(_characters(option) for option in _list(data, "options") if isinstance(option, dict))


def _list(data: Json, key: str) -> list[Any]:
    value = data.get(key)
    return value if isinstance(value, list) else []


def _longest(data: Json, key: str) -> int:
    words = [data.get(key)]
    localized = data.get(f"{key}_localizations")
    if isinstance(localized, dict):
        words += localized.values()
    return max((len(word) for word in words if isinstance(word, str)), default=0)
