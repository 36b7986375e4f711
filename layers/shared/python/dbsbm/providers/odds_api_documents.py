"""Documents of The Odds API v4 as reports. One bad entry is named and left out; the others are kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from dbsbm.betting.markets import MAX_LINE_Q, Market, Side
from dbsbm.betting.odds import Odds
from dbsbm.core.errors import InputError
from dbsbm.games.model import GameReport, Offer, ScoreReport
from dbsbm.providers.errors import ProviderDocumentError
from dbsbm.providers.leagues import FeedLeague
from dbsbm.providers.odds_api import PROVIDER
from dbsbm.providers.reading import Problems, Read, mapping, moment, read_list, text

COVERS = frozenset({Market.MONEYLINE, Market.MONEYLINE_3WAY, Market.SPREAD, Market.TOTAL})
"""What a document asked for with h2h, spreads and totals says completely."""

_MAX_ID = 64
_MAX_TEAM = 100
MAX_BOOK = 32
_MAX_SCORE = 10_000
MAX_BOOKS = 200
_INTEGER = re.compile(r"-?\d{1,6}")


@dataclass(frozen=True, slots=True)
class Event:
    """Which game an entry is of, in the provider's words."""

    id: str
    home: str
    away: str
    starts_at: datetime


def read_odds(body: bytes, league: FeedLeague, fetched_at: datetime) -> Read[GameReport]:
    """Games and prices of an ``/odds`` document.

    Raises
    ------
    ProviderDocumentError
        When the document as a whole is not a list of events.
    """
    return read_list(body, lambda entry, problems: _game(entry, league, fetched_at, problems))


def read_scores(body: bytes, league: FeedLeague, fetched_at: datetime) -> Read[ScoreReport]:
    """Scores of a ``/scores`` document; games that have not begun are in it without one and give none.

    Raises as ``read_odds``.
    """
    return read_list(body, lambda entry, _problems: _score(entry, league, fetched_at))


def _game(entry: Any, league: FeedLeague, fetched_at: datetime, problems: Problems) -> GameReport:
    event = event_of(entry, league)
    before = len(problems)
    books = entry.get("bookmakers") or []
    offers: dict[tuple[str, Market, Side], Offer] = {}
    if not isinstance(books, list) or len(books) > MAX_BOOKS:
        problems.append(ProviderDocumentError(f"event {event.id}: bookmakers is not a list of at most {MAX_BOOKS}"))
        books = []
    for book in books:
        for offer in _book(book, event, league, problems):
            offers.setdefault((offer.book, offer.market, offer.side), offer)
    complete = len(problems) == before
    return GameReport(
        PROVIDER,
        event.id,
        league.league,
        event.home,
        event.away,
        event.starts_at,
        fetched_at,
        tuple(offers.values()),
        COVERS if complete else frozenset(),
    )


def _book(book: Any, event: Event, league: FeedLeague, problems: Problems) -> Iterator[Offer]:
    where = f"event {event.id}"
    try:
        fields = mapping(book, "bookmaker")
        key = text(fields, "key", MAX_BOOK)
        where = f"event {event.id}, {key}"
        markets = fields.get("markets")
        if not isinstance(markets, list):
            raise ProviderDocumentError("markets is not a list")
    except ProviderDocumentError as error:
        problems.append(ProviderDocumentError(f"{where}: {error.detail}"))
        return
    for market in markets:
        try:
            yield from _market(mapping(market, "market"), key, fields, event, league)
        except ProviderDocumentError as error:
            problems.append(ProviderDocumentError(f"{where}: {error.detail}"))


def _market(market: dict[str, Any], book: str, fields: dict[str, Any], event: Event, league: FeedLeague) -> list[Offer]:
    """The offers of one market, all or none; a market that we did not ask for is passed over."""
    name = text(market, "key", _MAX_TEAM)
    if name not in ("h2h", "spreads", "totals"):
        return []
    outcomes = market.get("outcomes")
    if not isinstance(outcomes, list) or not outcomes:
        raise ProviderDocumentError(f"{name}: outcomes is not a list")
    rows = [mapping(outcome, f"{name} outcome") for outcome in outcomes]
    updated = moment(market if market.get("last_update") is not None else fields, "last_update")
    sides = [_side(name, text(row, "name", _MAX_TEAM), event) for row in rows]
    kind = {"spreads": Market.SPREAD, "totals": Market.TOTAL}.get(name, Market.MONEYLINE)
    if Side.DRAW in sides:
        kind = Market.MONEYLINE_3WAY
    return [
        Offer(book, kind, side, 0 if name == "h2h" else line_of(name, row), price_of(name, row, league), updated)
        for side, row in zip(sides, rows, strict=True)
    ]


def _side(market: str, name: str, event: Event) -> Side:
    if market == "totals":
        known = {"over": Side.OVER, "under": Side.UNDER}.get(name.lower())
    else:
        known = {event.home: Side.HOME, event.away: Side.AWAY}.get(name)
        if known is None and market == "h2h" and name == "Draw":
            known = Side.DRAW
    if known is None:
        raise ProviderDocumentError(f"{market}: no side is called {name!r}")
    return known


def line_of(market: str, row: dict[str, Any]) -> int:
    """An outcome's point in quarter points. Raises ProviderDocumentError."""
    quarters = _number(market, row, "point") * 4
    if quarters != quarters.to_integral_value() or abs(quarters) > MAX_LINE_Q:
        raise ProviderDocumentError(f"{market}: point {row.get('point')!r} is not a multiple of a quarter")
    return int(quarters)


def price_of(market: str, row: dict[str, Any], league: FeedLeague) -> Odds:
    """An outcome's price, in the format that the league is asked for in. Raises ProviderDocumentError."""
    price = _number(market, row, "price")
    try:
        if league.odds_format == "decimal":
            return Odds.from_decimal(format(price.normalize(), "f"))
        if price != price.to_integral_value():
            raise ProviderDocumentError(f"{market}: American price {row.get('price')!r} is not whole")
        return Odds.from_american(int(price))
    except InputError as error:
        raise ProviderDocumentError(f"{market}: price {row.get('price')!r} {error.problem}") from error


def _number(market: str, row: dict[str, Any], name: str) -> Decimal:
    """A JSON number, exactly; those with a point come as text (``read_json``)."""
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ProviderDocumentError(f"{market}: {name} {value!r} is not a number")
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise ProviderDocumentError(f"{market}: {name} {value!r} is not a number") from error
    if not number.is_finite() or abs(number) > 10_000_000:
        raise ProviderDocumentError(f"{market}: {name} {value!r} is out of range")
    return number


def _score(entry: Any, league: FeedLeague, fetched_at: datetime) -> ScoreReport | None:
    event = event_of(entry, league)
    rows = entry.get("scores")
    completed = entry.get("completed")
    if not isinstance(completed, bool):
        raise ProviderDocumentError(f"{event.id}: completed {completed!r} is not true or false")
    if not rows:
        if completed:
            raise ProviderDocumentError(f"{event.id}: completed without scores")
        return None
    if not isinstance(rows, list):
        raise ProviderDocumentError(f"{event.id}: scores is not a list")
    by_team = {text(fields, "name", _MAX_TEAM): fields.get("score") for fields in (mapping(r, "score") for r in rows)}
    if by_team.keys() != {event.home, event.away}:
        raise ProviderDocumentError(f"{event.id}: scores of {sorted(by_team)} instead of the two teams")
    home, away = (_points(event, by_team[team]) for team in (event.home, event.away))
    scored_at = moment(entry, "last_update") if entry.get("last_update") is not None else fetched_at
    return ScoreReport(
        PROVIDER,
        event.id,
        league.league,
        event.home,
        event.away,
        event.starts_at,
        fetched_at,
        scored_at,
        home,
        away,
        completed,
    )


def _points(event: Event, value: Any) -> int:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not _INTEGER.fullmatch(text) or not 0 <= int(text) <= _MAX_SCORE:
        raise ProviderDocumentError(f"{event.id}: score {value!r} is not a number of points")
    return int(text)


def event_of(entry: Any, league: FeedLeague) -> Event:
    """The game of an entry. Raises ProviderDocumentError."""
    fields = mapping(entry, "event")
    event_id = text(fields, "id", _MAX_ID)
    sport = fields.get("sport_key")
    if sport != league.sport_key:
        raise ProviderDocumentError(f"{event_id}: sport {sport!r} instead of {league.sport_key}")
    try:
        home, away = text(fields, "home_team", _MAX_TEAM), text(fields, "away_team", _MAX_TEAM)
        starts_at = moment(fields, "commence_time")
    except ProviderDocumentError as error:
        raise ProviderDocumentError(f"{event_id}: {error.detail}") from error
    if home == away:
        raise ProviderDocumentError(f"{event_id}: {home!r} plays itself")
    return Event(event_id, home, away, starts_at)
