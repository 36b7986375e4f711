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


class Words:
    """The sentences of one locale; a locale or sentence we lack is read in en-US."""

    def __init__(self, locale: str = _DEFAULT) -> None:
        self._own = _catalogue(locale)

    def plain(self, key: str, **values: object) -> str:
        """A sentence where markdown means nothing: button labels, choices, alternative text."""
        sentence = self._own.get(key) or _sentences(_DEFAULT)[key]
        return sentence.format(**values) if values else sentence

    def plain_or(self, key: str, otherwise: str) -> str:
        """A name that stands in the catalogue for some values only."""
        return self._own.get(key) or _sentences(_DEFAULT).get(key, otherwise)

    def __call__(self, key: str, **values: object) -> Markdown:
        """A sentence for a text display: values are escaped unless they are :class:`Markdown`."""
        safe = {
            name: escape(v) if isinstance(v, str) and not isinstance(v, Markdown) else v for name, v in values.items()
        }
        return Markdown(self.plain(key, **safe))
