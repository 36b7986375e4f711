"""The catalogue of sentences."""

from __future__ import annotations

import json
import re
import string
from pathlib import Path
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from dbsbm import commands
from dbsbm.bets.model import PriceCheck, RevisionKind
from dbsbm.betting.markets import Market
from dbsbm.betting.settlement import Grade
from dbsbm.commands.words import catalogue
from dbsbm.commands.words.catalogue import Markdown, Words, escape
from dbsbm.discord.definitions import REGISTRY, OutboxKind

HERE = Path(commands.__file__).parent
SENTENCES = json.loads((Path(catalogue.__file__).with_name("en-US.json")).read_text(encoding="utf-8"))
_BUILT = re.compile(r"f[\"']([a-z]+(?:\.[a-z_]+)*[._])\{")
"""The beginning of a key that code puts together from a value."""
_NAMED_ELSEWHERE = ("right.", "filled.", "side.", "league.", "correct.", "withdraw.", "case.uphold", "format.")
"""Beginnings of keys that are named by a mapping or an enum."""


def source() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in HERE.glob("*.py"))


def used_keys() -> set[str]:
    return set(re.findall(r"[\"']([a-z]+(?:\.[a-z_]+)+)[\"']", source()))


def test_every_key_in_the_code_has_a_sentence() -> None:
    families = {key.split(".")[0] for key in SENTENCES}
    commands.load()
    others = {*REGISTRY.components, *REGISTRY.modals, *get_args(OutboxKind)}
    used = {key for key in used_keys() if key.split(".")[0] in families and not key.endswith((".png", ".csv"))}
    missing = {key for key in used if key not in SENTENCES} - others
    assert {key for key in missing if not any(known.startswith(f"{key}_") for known in SENTENCES)} == set()


def test_every_sentence_is_used() -> None:
    unused = set(SENTENCES) - used_keys()
    made_up = (*_BUILT.findall(source()), *_NAMED_ELSEWHERE)
    assert {key for key in unused if not key.startswith(made_up)} == set()


def test_every_value_with_words_has_its_sentence() -> None:
    wanted = [f"grade.{grade.value}" for grade in Grade]
    wanted += [f"price.{verdict.value}" for verdict in PriceCheck]
    wanted += [
        f"correct.{kind.value}" for kind in RevisionKind if kind in (RevisionKind.CORRECTION, RevisionKind.VERSION)
    ]
    wanted += [
        f"market.{market.value}" for market in (Market.MONEYLINE, Market.MONEYLINE_3WAY, Market.SPREAD, Market.TOTAL)
    ]
    assert [key for key in wanted if key not in SENTENCES] == []


def test_an_unknown_locale_reads_english() -> None:
    assert Words("xx")("error.server_only") == Words("en-US")("error.server_only")
    assert Words("../../x")("error.server_only") == Words("en-US")("error.server_only")


@given(st.text())
def test_nothing_typed_can_start_markup_or_a_mention(typed: str) -> None:
    safe = escape(typed)
    assert "\n" not in safe
    bare = re.sub(r"\\.", "", safe)
    assert not re.search(r"[*_~`|<>\[\]#]|@\S|://", bare)


@given(st.text(alphabet=string.ascii_letters + string.digits + " .,+-−()@", max_size=40))
def test_plain_words_stay_as_typed(typed: str) -> None:
    assert escape(typed).replace("\\", "") == " ".join(typed.split())


def test_our_own_markdown_is_not_escaped_again() -> None:
    shown = Words()("capper.added", user=Markdown("<@1>"), name="*Ann*")
    assert shown == "<@1> can post bets as **\\*Ann\\***."
