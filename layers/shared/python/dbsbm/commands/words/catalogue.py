"""Looks up sentences and puts values into them, escaping what people typed."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

_DEFAULT = "en-US"
_MARKUP = re.compile(r"([\\*_~`|<>\[\]#]|@(?=\S))")
_LINK = re.compile(r":(?=//)")
_SPACE = re.compile(r"\s+")


class Markdown(str):
    """Text of our own that already is Discord markdown: put into a sentence as it stands."""

    __slots__ = ()


class Amount(str):
    """A number as English writes it, "+1.82u", "54.5%": put into a sentence with the decimal sign of its locale."""

    __slots__ = ()


def escape(typed: str) -> str:
    """A person's text on one line, with every character that Discord's markdown or mentions read made literal."""
    return _LINK.sub(r"\\:", _MARKUP.sub(r"\\\1", _SPACE.sub(" ", typed).strip()))


@cache
def _sentences(locale: str) -> dict[str, str]:
    file = Path(__file__).with_name(f"{locale}.json")
    loaded: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return loaded


def _catalogue(locale: str) -> dict[str, str]:
    known = Path(__file__).with_name(f"{locale}.json").exists() if re.fullmatch(r"[A-Za-z-]{2,6}", locale) else False
    return _sentences(locale if known else _DEFAULT)


def command_words() -> dict[str, dict[str, str]]:
    """What commands, options and choices are called in each language but our own: its ``command.`` sentences."""
    files = [file for file in sorted(Path(__file__).parent.glob("*.json")) if file.stem != _DEFAULT]
    found = {file.stem: _sentences(file.stem) for file in files}
    return {
        locale: {key: text for key, text in words.items() if key.startswith("command.")}
        for locale, words in found.items()
    }


class Words:
    """The sentences of one locale; a locale or sentence we lack is read in en-US."""

    def __init__(self, locale: str = _DEFAULT) -> None:
        self._own = _catalogue(locale)

    def plain(self, key: str, **values: object) -> str:
        """A sentence where markdown means nothing: button labels, choices, alternative text."""
        sentence = self._own.get(key) or _sentences(_DEFAULT)[key]
        return sentence.format(**{name: self._shown(value) for name, value in values.items()}) if values else sentence

    def number(self, amount: str) -> str:
        """A number with the locale's decimal sign."""
        return amount.replace(".", self.plain("format.decimal"))

    def names(self, key: str) -> list[str]:
        """The words of a row of names: days, months."""
        return self.plain(key).split()

    def _shown(self, value: object) -> object:
        return self.number(value) if isinstance(value, Amount) else value

    def plain_or(self, key: str, otherwise: str) -> str:
        """A name that stands in the catalogue for some values only."""
        return self._own.get(key) or _sentences(_DEFAULT).get(key, otherwise)

    def __call__(self, key: str, **values: object) -> Markdown:
        """A sentence for a text display: values are escaped unless they are :class:`Markdown`."""
        safe = {
            name: escape(v) if isinstance(v, str) and not isinstance(v, Markdown | Amount) else v
            for name, v in values.items()
        }
        return Markdown(self.plain(key, **safe))
