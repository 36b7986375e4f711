"""Reading a typed pick, "Chiefs -3 -110 2u" or "parlay 1u +1100; …", into what it can mean.

Nothing is guessed: what the text does not say is named in ``missing``, what it leaves open stands in ``choices``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from dbsbm.betting.names import GameIndex
from dbsbm.betting.pick_games import read_game_pick
from dbsbm.betting.pick_props import read_prop
from dbsbm.betting.picks import Choice, GameCandidate, Interpretation, Reading
from dbsbm.betting.stakes import StakeMode
from dbsbm.betting.terms import Terms, normal, take_terms
from dbsbm.betting.tickets import MAX_LEGS, MIN_LEGS
from dbsbm.core.errors import InputError

__all__ = ["Choice", "GameCandidate", "GameIndex", "Interpretation", "Reading", "read_pick"]

MAX_TEXT = 2_000
# A teaser's points stand before the word, or behind it: "teaser 6.5 1u", but "teaser 5 units" is a stake.
_HEADER = re.compile(
    r"^\s*(?:(?P<parlay>(?:\d+[\s-]*(?:leg|team|pick|fold)(?:er)?[\s-]*)?parlay|sgpx?\+?|same[\s-]game(?:\s+parlay)?|acca)"
    r"|(?P<teaser>(?:(?P<before>\d+(?:\.5)?)\s*-?\s*(?:(?:pts?|points?)\s+)?)?teaser"
    r"(?:\s+(?P<behind>(?:[4-9]|1\d)(?:\.5)?)(?:\s*-?\s*(?:pts?|points?)|(?!\s*u|[\d.]))(?=\s|$))?)"
    r"|(?P<round_robin>round\s*robin|rr))\b"
)
_KINDS = ("parlay", "teaser", "round_robin")
_TRAILING = re.compile(r"(?P<legs>.*\S)\s+parlay\b(?P<head>[^a-z]*(?:(?:units?|u|to win)\b[^a-z]*)*)", re.IGNORECASE)
"""Legs on one line with the word after them: "Cavs ML / Celtics ML parlay +150"."""
_SAME_GAME = re.compile(r"^\s*(?:sgp|same)")


def read_pick(text: str, games: Sequence[GameCandidate] | GameIndex, now: datetime) -> Reading:
    """Read one pick or ticket against the candidate games. Pass a GameIndex to read many against the same games.

    Raises InputError naming ``pick`` (empty or too long), ``odds``, ``stake``, ``line`` or ``legs`` when that part
    cannot be taken whatever else is meant.
    """
    if not text.strip() or len(text) > MAX_TEXT:
        raise InputError("pick", text[:32], f"must have 1 to {MAX_TEXT} characters", "Chiefs -3 -110 2u")
    index = games if isinstance(games, GameIndex) else GameIndex(games)
    header = _HEADER.match(normal(text))
    if header is None and (trailing := _TRAILING.fullmatch(text.strip())):
        legs = re.split(r"\s[/+&]\s|[,;\n]", trailing["legs"])
        return replace(read_pick("\n".join((f"parlay {trailing['head']}", *legs)), index, now), text=text)
    if header is None and not re.search(r"[;\n]\s*\S", text):
        return _read_straight(text, index, now)
    return _read_ticket(text, header, index, now)


def _read_straight(text: str, index: GameIndex, now: datetime) -> Reading:
    terms = take_terms(text)
    _refuse_priceless(terms, index)
    reading = read_prop(terms, index, now) or read_game_pick(terms, index, now)
    reading = replace(reading, text=text)
    if terms.other_stake is None:
        return reading
    mode, amount = terms.other_stake
    likeliest = reading.best or reading.said
    options = (likeliest, replace(likeliest, stake_mode=mode, amount_micro=amount))
    return replace(reading, choices=(*reading.choices, Choice("stake", options)))


def _refuse_priceless(terms: Terms, index: GameIndex) -> None:
    """ "@word" is a price that cannot be read, unless the word is a team."""
    for word in (said[1:] for said in terms.said if said.startswith("@")):
        if index.named(word) is None and not index.starting(word):
            raise InputError("odds", word[:24], "is not a price", "-110, 1.91 or 10/11")


def _read_ticket(text: str, header: re.Match[str] | None, index: GameIndex, now: datetime) -> Reading:
    kind = next((name for name in _KINDS if header[name]), "parlay") if header else "parlay"
    head, legs_text = _split(text, has_header=header is not None)
    points = (header["before"] or header["behind"]) if header and kind == "teaser" else None
    ticket = take_terms(head)
    legs: list[Reading] = []
    for each in legs_text:
        terms = take_terms(each)
        if _only_money(terms):
            ticket.odds = ticket.odds or terms.odds
            _adopt_stake(ticket, terms.stake_mode, terms.amount_micro)
        else:
            legs.append(_read_straight(each, index, now))
    for leg in legs:
        _adopt_stake(ticket, leg.said.stake_mode, leg.said.amount_micro)
    if len(legs) > MAX_LEGS:
        raise InputError("legs", str(len(legs)), f"a ticket has {MIN_LEGS} to {MAX_LEGS} legs")
    same_game = bool(_SAME_GAME.match(normal(text))) or _shares_game(legs)
    return Reading(
        text=text,
        interpretations=(),
        missing=_ticket_missing(ticket, legs, needs_price=same_game or kind == "teaser"),
        choices=() if header else (Choice("ticket", ()),),
        ticket=kind,
        legs=tuple(_as_leg(leg) for leg in legs),
        odds=ticket.odds,
        amount_micro=ticket.amount_micro,
        stake_mode=ticket.stake_mode,
        points_q=round(4 * float(points)) if points else None,
        same_game=same_game,
    )


def _split(text: str, *, has_header: bool) -> tuple[str, list[str]]:
    """The ticket's own words, and the texts of its legs."""
    parts = [part for part in re.split(r"[;\n]", text) if part.strip()]
    if not has_header:
        return "", parts
    head, _, first = parts[0].partition(":")
    return _HEADER.sub("", normal(head)), [first, *parts[1:]] if first.strip() else parts[1:]


def _only_money(terms: Terms) -> bool:
    return not any(word.isalpha() for word in terms.words) and terms.line_q is None and not terms.said


def _adopt_stake(ticket: Terms, mode: StakeMode | None, amount_micro: int | None) -> None:
    if ticket.amount_micro is None and mode is not None:
        ticket.stake_mode, ticket.amount_micro = mode, amount_micro


def _shares_game(legs: Sequence[Reading]) -> bool:
    known = [leg.best.game_id for leg in legs if leg.best and leg.best.game_id is not None]
    return len(set(known)) < len(known)


def _ticket_missing(ticket: Terms, legs: Sequence[Reading], *, needs_price: bool) -> tuple[str, ...]:
    unpriced = needs_price or any(leg.said.odds is None for leg in legs)
    absent = {
        "legs": len(legs) < MIN_LEGS,
        "odds": ticket.odds is None and unpriced,
        "stake": ticket.amount_micro is None,
    }
    return tuple(name for name, gone in absent.items() if gone)


def _as_leg(leg: Reading) -> Reading:
    """A leg needs no stake, and no price of its own that the ticket would not miss."""
    return replace(
        leg,
        interpretations=tuple(replace(each, stake_mode=None, amount_micro=None) for each in leg.interpretations),
        said=replace(leg.said, stake_mode=None, amount_micro=None),
        missing=tuple(name for name in leg.missing if name not in {"odds", "stake"}),
    )
