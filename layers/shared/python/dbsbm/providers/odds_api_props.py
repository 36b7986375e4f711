"""A game's ``/events/{id}/odds`` document of The Odds API v4: what books offer on its players."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from dbsbm.betting.markets import Market, Side
from dbsbm.betting.names import Roster, load_roster, plain
from dbsbm.games.leagues import catalogue_id
from dbsbm.games.model import Offer
from dbsbm.games.props.model import PropKey, PropReport
from dbsbm.providers.errors import ProviderDocumentError
from dbsbm.providers.leagues import FeedLeague
from dbsbm.providers.odds_api import PROVIDER
from dbsbm.providers.odds_api_documents import MAX_BOOK, MAX_BOOKS, event_of, line_of, price_of
from dbsbm.providers.prop_markets import prop_markets
from dbsbm.providers.reading import Problems, Read, mapping, moment, read_json, text

_MAX_PLAYER = 100
_MAX_OUTCOMES = 20_000
_LINED = {"over": Side.OVER, "under": Side.UNDER}
_UNLINED = {"yes": Side.YES, "no": Side.NO}


def read_props(body: bytes, league: FeedLeague, fetched_at: datetime) -> Read[PropReport]:
    """The one game of the document. A book's market that cannot be read is named and left out.

    Raises
    ------
    ProviderDocumentError
        When the document is not an event.
    """
    entry = mapping(read_json(body), "event")
    event = event_of(entry, league)
    problems: Problems = []
    offers: dict[PropKey, dict[tuple[str, Side], Offer]] = {}
    for count, (key, offer) in enumerate(_offers(entry, event.id, league, problems)):
        if count >= _MAX_OUTCOMES:
            raise ProviderDocumentError(f"{event.id}: more than {_MAX_OUTCOMES} outcomes")
        offers.setdefault(key, {}).setdefault((offer.book, offer.side), offer)
    covers = frozenset() if problems else frozenset(prop_markets(league.sport_key).values())
    found = {key: tuple(by_book.values()) for key, by_book in offers.items()}
    return Read((PropReport(PROVIDER, event.id, fetched_at, found, covers),), tuple(problems))


def _offers(
    entry: dict[str, Any], event_id: str, league: FeedLeague, problems: Problems
) -> Iterator[tuple[PropKey, Offer]]:
    books = entry.get("bookmakers") or []
    if not isinstance(books, list) or len(books) > MAX_BOOKS:
        problems.append(ProviderDocumentError(f"{event_id}: bookmakers is not a list of at most {MAX_BOOKS}"))
        return
    for book in books:
        where = event_id
        try:
            fields = mapping(book, "bookmaker")
            key = text(fields, "key", MAX_BOOK)
            where = f"{event_id}, {key}"
            markets = fields.get("markets")
            if not isinstance(markets, list):
                raise ProviderDocumentError("markets is not a list")
        except ProviderDocumentError as error:
            problems.append(ProviderDocumentError(f"{where}: {error.detail}"))
            continue
        for market in markets:
            try:
                yield from _market(mapping(market, "market"), key, fields, league)
            except ProviderDocumentError as error:
                problems.append(ProviderDocumentError(f"{where}: {error.detail}"))


def _market(
    market: dict[str, Any], book: str, fields: dict[str, Any], league: FeedLeague
) -> list[tuple[PropKey, Offer]]:
    """The offers of one market, all or none; a market that we did not ask for is passed over."""
    name = text(market, "key", _MAX_PLAYER)
    stat = prop_markets(league.sport_key).get(name)
    if stat is None:
        return []
    outcomes = market.get("outcomes")
    if not isinstance(outcomes, list):
        raise ProviderDocumentError(f"{name}: outcomes is not a list")
    updated = moment(market if market.get("last_update") is not None else fields, "last_update")
    found = []
    for row in (mapping(outcome, f"{name} outcome") for outcome in outcomes):
        said = text(row, "name", _MAX_PLAYER).lower()
        side = _LINED.get(said) or _UNLINED.get(said)
        if side is None:
            raise ProviderDocumentError(f"{name}: no side is called {said!r}")
        line_q = line_of(name, row) if said in _LINED else 0
        player = _player(text(row, "description", _MAX_PLAYER), league.league, load_roster())
        found.append(
            ((player, stat), Offer(book, Market.PLAYER_PROP, side, line_q, price_of(name, row, league), updated))
        )
    return found


def _player(name: str, league: str, roster: Roster) -> str:
    """The player as the roster writes the name, when one of the league has all of it; else as the book writes it."""
    known = {
        player.name
        for player in roster.players_by_alias.get(plain(name), ())
        if player.league == catalogue_id(league) and " " in plain(name)
    }
    return known.pop() if len(known) == 1 else " ".join(name.split())
