"""Nothing a person reads stands outside the catalogue: the whole tour in a language whose words are bracketed.

Private answers are read in the person's language, « », public posts in the server's, ‹ ›; so are the pictures, by what
is drawn on them. What is left without brackets must be data: names of people, teams, books and leagues, amounts.
"""

from __future__ import annotations

import json
import re
import string
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest

from dbsbm.commands.words import catalogue
from dbsbm.render.draw import TEMPLATES
from local.discord_simulator import Seen
from tests.e2e.routines import local
from tests.e2e.tour import GAMES, Shot, choose, press, tour
from tests.e2e.world import NOW, QUIET, World, opened

pytestmark = pytest.mark.slow

_ROWS = {f"format.{name}" for name in ("days", "weekdays", "months", "long_months", "halves")}
PERSONS, SERVERS = "qaa", "qbb"
BRACKETS = {PERSONS: "«»", SERVERS: "‹›"}
_DATA = re.compile(
    r"""<[@#t][^>]*>                    # mentions and times
      | \w+://\S+ | whsec_\S+ | \d+\.\d+\.\d+\.\d+:\d+/\w+ | \b[a-z]+\.[a-z]+\b | \btest(?:-\d+)?\b
      | `[^`]*`                         # commands and what is to be typed
      | 49ers | \b[0-9a-f]{8}\b | \b[0-9a-z]{13}\b | “[^“”«‹]* | \b[A-Z]+(?:-[A-Z0-9]+)+\b  # ids, rules
      | [−+]?\d[\d.,:/–-]*(?:u|pts?)?\b # amounts
      | \b[WLP](?=[–\-/])
      """,
    re.VERBOSE,
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_NAMES = {
    *("Super", "Bowl", "winner"),
    *(word for game in GAMES for team in game for word in team.split()),
    *("Ann", "the", "Sharp", "Big", "Ben", "olga", "bob", "gina", "ben"),
    *(
        "book_a",
        "book_b",
        "book",
        "NFL",
        "KC",
        "LV",
        "Patrick",
        "Mahomes",
        "Worlds",
        "final",
        "to",
        "win",
        "EDT",
        "CDT",
    ),
    *(
        "Gillette",
        "Stadium",
        "Light",
        "rain",
        "New",
        "York",
        "America",
        "bets",
        "csv",
        "soccer",
        "fans",
        "box",
        "score",
        "says",
        "The",
    ),
}
"""What the tour itself types, and names that are the same in every language."""


def pseudo(sentence: str, brackets: str) -> str:
    """The sentence with its own words in brackets and its values outside of them."""
    parts = []
    for text, field, _, _ in string.Formatter().parse(sentence):
        worded = re.sub(r"[^\n]*[^\W\d_][^\n]*", lambda line: f"{brackets[0]}{line[0]}{brackets[1]}", text or "")
        parts.append(worded.replace("{", "{{").replace("}", "}}"))
        parts.append("" if field is None else f"{{{field}}}")
    return "".join(parts)


@pytest.fixture
def world(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    english = dict(catalogue._sentences("en-US"))
    ours = {
        locale: {key: _translated(key, sentence, brackets) for key, sentence in english.items()}
        for locale, brackets in BRACKETS.items()
    }
    monkeypatch.setattr(catalogue, "_catalogue", lambda locale: ours.get(locale, english))
    with opened(database_url, catalog=QUIET) as world:
        world.guild.guild.locale = SERVERS
        for user in world.simulator.state.users.values():
            user.locale = PERSONS
        yield world


def _translated(key: str, sentence: str, brackets: str) -> str:
    if key in _ROWS:
        return " ".join(f"{brackets[0]}{word}{brackets[1]}" for word in sentence.split())
    return pseudo(sentence, brackets)


def unbracketed(text: str, brackets: str) -> list[str]:
    """The words that stand outside the brackets and are no data. What is cut off in the middle counts as bracketed."""
    kept, depth = [], 0
    for character in _DATA.sub(" ", text):
        depth = max(0, depth + (character == brackets[0]) - (character == brackets[1]))
        kept.append(" " if depth or character == brackets[1] else character)
    return [word for word in _WORD.findall("".join(kept)) if word not in _NAMES]


def visible(components: list[dict[str, Any]]) -> Iterator[str]:
    """Every text of a message's or modal's components."""
    for component in components:
        for key in ("content", "label", "placeholder", "description", "title"):
            if isinstance(component.get(key), str):
                yield component[key]
        for key in ("components", "items", "options"):
            yield from visible(component.get(key) or [])
        for key in ("component", "accessory"):
            yield from visible([component[key]] if component.get(key) else [])


def problems(shot: Shot) -> list[str]:
    seen = shot.seen
    form = seen.exchange.modal if seen.exchange is not None else None
    if form is not None:
        return _outside(shot.name, visible([form]), PERSONS)
    texts = [*visible(seen.components), *(picture.alt or "" for picture in seen.images)]
    return _outside(shot.name, texts, PERSONS if seen.private else SERVERS)


def _outside(name: str, texts: Iterable[str], locale: str) -> list[str]:
    brackets = BRACKETS[locale]
    return [f"{name}: {words} in {text!r}" for text in texts if (words := unbracketed(text, brackets))]


def completions(world: World) -> list[str]:
    """What is offered while somebody types."""
    offered = {
        "bet pick": world.ann.autocomplete("bet", "pick", "chiefs -3"),
        "odds game": world.bob.autocomplete("odds", "game", "chi"),
        "prop stat": world.ann.autocomplete("prop", "stat", "pass", player="Patrick Mahomes"),
    }
    assert all(offered.values())
    texts = [(name, choice.name) for name, choices in offered.items() for choice in choices]
    return [problem for name, text in texts for problem in _outside(name, [text], PERSONS)]


def recap(world: World) -> Seen:
    """The daily recap of the day the tour took."""
    tab = press(world.olga.slash("settings show"), "settings.tab", 3)
    choose(tab, "posts.kinds", "daily")
    world.cloud.skip_to(local(NOW.date() + timedelta(days=1), 9))
    return world.guild.channel("slips").seen_by(world.olga)[-1]


def pictures(world: World) -> Iterator[tuple[str, str, list[str]]]:
    """Template, language and lines of every picture that was sent; a line is what is drawn in one piece."""
    for row in world.rows("SELECT kind, images FROM outbox WHERE images <> '[]'"):
        for image in json.loads(row["images"]):
            if image["template"] in TEMPLATES:
                drawn = ElementTree.fromstring(TEMPLATES[image["template"]](image["view"]))
                texts = ["".join(text.itertext()) for text in drawn.iter("{http://www.w3.org/2000/svg}text")]
                yield image["template"], PERSONS if row["kind"] == "reply.edit" else SERVERS, texts


def test_every_word_that_is_read_stands_in_the_catalogue(world: World, figure: Any) -> None:
    found, stops = [], 0
    for shot in tour(world):
        stops += 1
        found += problems(shot)
        found += completions(world) if shot.name == "odds" else []
    found += problems(Shot("recap", recap(world)))
    drawn = list(pictures(world))
    found += [problem for template, locale, texts in drawn for problem in _outside(template, texts, locale)]
    assert {template for template, _, _ in drawn} == set(TEMPLATES)
    figure(f"{len(drawn)} pictures, by what is drawn on them")
    figure(f"{stops} answers and posts read in two made-up languages")
    assert not found, "\n".join(found)
    assert world.simulator.problems == []


def test_a_word_outside_is_found() -> None:
    assert unbracketed("«Posted in »<#12>«: »Chiefs −3 (−110) 2u", "«»") == []
    assert unbracketed("«Posted in »<#12>«: »Chiefs −3 risk 2u", "«»") == ["risk"]
    assert unbracketed("‹Posted›", "«»") == ["Posted"]
    assert pseudo("**{a} won** {b}", "«»") == "**{a}« won** »{b}"
