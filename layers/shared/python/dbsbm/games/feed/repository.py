"""The write side of games: what providers report, and when they were last asked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from dbsbm.betting.markets import Market
from dbsbm.core.ids import Ids
from dbsbm.database.session import Row, Session
from dbsbm.games.model import GameReport, GameState, Offer, ScoreReport
from dbsbm.games.props.model import PropReport
from dbsbm.games.props.repository import PropPriceRepository
from dbsbm.games.repository import chunks

Source = tuple[str, str]
"""(provider, the provider's game id)."""
OfferKey = tuple[int, str, str, str]
"""(game id, book, market, side): a price's place in ``current_odds``."""

State = tuple[datetime, int, int | None, int | None]
"""(taken at, line in quarter points, price as numerator and denominator, None when taken down)."""

Report = TypeVar("Report", GameReport, ScoreReport, GameReport | ScoreReport)


class _Pending:
    """Prices as they stand while documents are gone through, and what is to be written of that."""

    def __init__(self, current: dict[OfferKey, Row]) -> None:
        self.current = current
        self.of_game: dict[int, list[OfferKey]] = {}
        for key in current:
            self.of_game.setdefault(key[0], []).append(key)
        self.snapshots: list[Sequence[Any]] = []
        self.touched: dict[OfferKey, Row] = {}
        self.written = 0

    def confirm(self, key: OfferKey, row: Row, seen_at: datetime) -> None:
        """The same price was seen, perhaps later than before."""
        if seen_at > row["taken_at"]:
            self._now(key, {**row, "taken_at": seen_at})

    def append(self, key: OfferKey, state: State, fetched_at: datetime, previous_seen_at: datetime | None) -> None:
        """A new state, and when the one before it was seen last."""
        self.snapshots.append((*key, *state, fetched_at, previous_seen_at))
        self._now(key, _offered(state))

    def _now(self, key: OfferKey, row: Row) -> None:
        if key not in self.current:
            self.of_game.setdefault(key[0], []).append(key)
        self.current[key] = self.touched[key] = row


_MAX_ETAG = 190


class FeedRepository:
    """The write side of games: what providers report. An older document never overwrites a newer one."""

    def __init__(self, session: Session, ids: Ids) -> None:
        self._session = session
        self._ids = ids

    def upsert_games(self, reports: Sequence[GameReport | ScoreReport]) -> tuple[dict[Source, int], int]:
        """Store the schedule facts of these reports; returns our ids by source, and how many games changed."""
        if not reports:
            return {}, 0
        game_ids = self._identify([(report.provider, report.provider_game_id) for report in reports])
        known = {row["game_id"]: row for chunk in chunks(game_ids.values()) for row in self._lock_games(chunk)}
        rows, changed = [], 0
        for report in _newest_last(reports):
            game_id = game_ids[report.provider, report.provider_game_id]
            facts = (report.league, report.home, report.away, report.starts_at)
            row = known.get(game_id)
            if row is not None and row["source_updated_at"] > report.reported_at:
                continue
            changed += row is None or facts != (row["league"], row["home"], row["away"], row["starts_at"])
            known[game_id] = _facts(facts, report.reported_at)
            rows.append((game_id, *facts, report.reported_at))
        if rows:
            self._session.execute_many(_UPSERT_GAME, rows)
        return game_ids, changed

    def record_offers(self, game_id_of: Mapping[Source, int], reports: Sequence[GameReport]) -> int:
        """Append the prices that changed, take down those no longer offered; returns how many snapshots were added."""
        pending = _Pending(self._current(set(game_id_of.values())))
        for report in _newest_last(reports):
            game_id = game_id_of[report.provider, report.provider_game_id]
            self._record_offers(game_id, report.offers, report.covers, report.reported_at, pending)
        self._write(pending)
        return pending.written

    def record_props(self, game_id: int, report: PropReport) -> int:
        """The same of the prices on a game's players; returns how many snapshots were added."""
        props = PropPriceRepository(self._session)
        known = props.of_game(game_id)
        new = [(key, self._ids.new()) for key in sorted(report.offers.keys() - known.keys())]
        known = props.claim(game_id, new) if new else known
        pending = _Pending(self._current(known.values()))
        for key, prop_id in sorted(known.items()):
            covers = frozenset({Market.PLAYER_PROP}) if key[1] in report.covers else frozenset()
            self._record_offers(prop_id, report.offers.get(key, ()), covers, report.reported_at, pending)
        self._write(pending)
        return pending.written

    def record_scores(self, game_id_of: Mapping[Source, int], reports: Sequence[ScoreReport]) -> int:
        """Keep each report and bring the games to the newest one; returns how many games changed."""
        changed = 0
        for report in sorted(reports, key=lambda report: report.scored_at):
            game_id = game_id_of[report.provider, report.provider_game_id]
            scored = (report.scored_at, report.home_score, report.away_score, report.final)
            self._session.execute(_INSERT_SCORE, (game_id, report.provider, *scored))
            changed += self._bring_score(game_id, report)
        return changed

    def cancel_upcoming(self, provider: str, id_prefix: str, now: datetime) -> int:
        """Cancel a provider's games that have not begun and whose id there starts so; returns how many."""
        return self._session.execute(_CANCEL_UPCOMING, (now, provider, f"{id_prefix}%"))

    def fetches(self, provider: str) -> dict[tuple[str, str], datetime]:
        """When each (sport key, kind) of a provider was last fetched and taken in."""
        rows = self._session.all(_FETCHES, (provider,))
        return {(row["sport_key"], row["kind"]): row["fetched_at"] for row in rows}

    def etags(self, provider: str) -> dict[tuple[str, str], str]:
        """What a provider called the (sport key, kind) that was taken in last, where it has a name for it."""
        rows = self._session.all(_ETAGS, (provider,))
        return {(row["sport_key"], row["kind"]): row["etag"] for row in rows}

    def forget_etags(self, provider: str) -> None:
        """Have every document of a provider sent again: what is made of it has changed."""
        # By PRIMARY.
        self._session.execute("UPDATE feed_fetches SET etag = '' WHERE provider = %s", (provider,))

    def record_fetch(self, provider: str, sport_key: str, kind: str, fetched_at: datetime, etag: str = "") -> None:
        """Remember that a document was taken in; with its ``etag`` when the same need not be sent again."""
        named = etag if len(etag) <= _MAX_ETAG else ""
        self._session.execute(_RECORD_FETCH, (provider, sport_key, kind, named, fetched_at))

    def standings(
        self, now: datetime, just_begun: timedelta, back: timedelta
    ) -> dict[str, tuple[datetime | None, int, int]]:
        """By league: the next start, or one ``just_begun``; of the games begun since ``now - back`` how many are in
        play and how many final.
        """
        starts = {row["league"]: row["next_start"] for row in self._session.all(_NEXT_STARTS, (now - just_begun,))}
        begun: dict[str, dict[str, int]] = {}
        for row in self._session.all(_BEGUN, (now - back, now)):
            begun.setdefault(row["league"], {})[row["state"]] = row["games"]
        return {
            league: (
                starts.get(league),
                begun.get(league, {}).get("scheduled", 0) + begun.get(league, {}).get("live", 0),
                begun.get(league, {}).get("final", 0),
            )
            for league in starts.keys() | begun.keys()
        }

    def _identify(self, sources: Sequence[Source]) -> dict[Source, int]:
        """Our ids of these sources; a new one is given an id. Two runs at once agree, through the primary key."""
        known = self._known_sources(sources)
        new = [(*source, self._ids.new()) for source in sorted(set(sources) - known.keys())]
        if not new:
            return known
        self._session.execute_many(_CLAIM_SOURCE, new)
        return self._known_sources(sources)

    def _known_sources(self, sources: Sequence[Source]) -> dict[Source, int]:
        by_provider: dict[str, set[str]] = {}
        for provider, provider_game_id in sources:
            by_provider.setdefault(provider, set()).add(provider_game_id)
        return {
            (provider, row["provider_game_id"]): row["game_id"]
            for provider, wanted in by_provider.items()
            for chunk in chunks(wanted)
            for row in self._session.all(_SOURCES, (provider, chunk))
        }

    def _lock_games(self, game_ids: list[Any]) -> Sequence[Row]:
        return self._session.all(_LOCK_GAMES, (game_ids,))

    def _current(self, game_ids: Collection[int]) -> dict[OfferKey, Row]:
        return {
            (row["game_id"], row["book"], row["market"], row["side"]): {name: row[name] for name in _STATE}
            for chunk in chunks(game_ids)
            for row in self._session.all(_CURRENT, (chunk,))
        }

    def _record_offers(
        self,
        game_id: int,
        offers: Sequence[Offer],
        covers: Collection[Market],
        reported_at: datetime,
        pending: _Pending,
    ) -> None:
        current = pending.current
        for offer in offers:
            key = (game_id, offer.book, offer.market.value, offer.side.value)
            row = current.get(key)
            if row is not None and offer.taken_at < row["taken_at"]:
                self._write(pending)
                self._record_late(key, offer, reported_at, pending)
            elif row is not None and _same(row, offer):
                pending.confirm(key, row, offer.taken_at)
            else:
                taken_at = _changed_at(offer, row, reported_at)
                if taken_at is not None:
                    state = (taken_at, offer.line_q, offer.odds.num, offer.odds.den)
                    pending.append(key, state, reported_at, row["taken_at"] if row else None)
        self._take_down(game_id, offers, covers, reported_at, pending)

    def _take_down(
        self,
        game_id: int,
        offers: Sequence[Offer],
        covers: Collection[Market],
        reported_at: datetime,
        pending: _Pending,
    ) -> None:
        markets = {market.value for market in covers}
        seen = {(game_id, offer.book, offer.market.value, offer.side.value) for offer in offers}
        gone = [
            key
            for key in pending.of_game.get(game_id, ())
            if key[2] in markets and key not in seen and _offered_before(pending.current[key], reported_at)
        ]
        for key in gone:
            row = pending.current[key]
            state = (reported_at, row["line_q"], None, None)
            pending.append(key, state, reported_at, row["taken_at"])

    def _write(self, pending: _Pending) -> None:
        """Store what has been gathered, many rows to a statement."""
        if pending.snapshots:
            self._session.execute_many(_APPEND_SNAPSHOT, pending.snapshots)
        if pending.touched:
            self._session.execute_many(_UPSERT_CURRENT, [(*key, *row.values()) for key, row in pending.touched.items()])
        pending.written += len(pending.snapshots)
        pending.snapshots, pending.touched = [], {}

    def _record_late(self, key: OfferKey, offer: Offer, fetched_at: datetime, pending: _Pending) -> None:
        """An offer older than the newest sighting: history gains it if it differs from what stood before it."""
        before = self._session.one(_SNAPSHOT_BEFORE, (*key, offer.taken_at))
        if before is not None and _same(before, offer):
            return
        state = (offer.taken_at, offer.line_q, offer.odds.num, offer.odds.den)
        self._session.execute(_APPEND_SNAPSHOT, (*key, *state, fetched_at, None))
        row = pending.current[key]
        if offer.taken_at < row["changed_at"]:
            return
        again = (row["taken_at"], row["line_q"], row["price_num"], row["price_den"])  # it went and came back
        pending.append(key, again, fetched_at, offer.taken_at)

    def _bring_score(self, game_id: int, report: ScoreReport) -> int:
        state = GameState.FINAL if report.final else GameState.LIVE
        row = self._session.one(_LOCK_GAME, (game_id,))
        if row is None or (row["score_updated_at"] is not None and row["score_updated_at"] > report.scored_at):
            return 0
        if row["state"] == GameState.FINAL and not report.final and row["score_source"] != report.provider:
            return 0  # this source is behind the one that saw the end
        facts = (state.value, report.home_score, report.away_score)
        self._session.execute(_BRING_SCORE, (*facts, report.provider, report.scored_at, game_id))
        return int(facts != (row["state"], row["home_score"], row["away_score"]))


_STATE = ("changed_at", "taken_at", "line_q", "price_num", "price_den")
"""The columns of ``current_odds`` beside its key, in the order of the statement that writes them."""


def _newest_last(reports: Sequence[Report]) -> list[Report]:
    return sorted(reports, key=lambda report: report.reported_at)


def _facts(facts: tuple[str, str, str, datetime], reported_at: datetime) -> Row:
    league, home, away, starts_at = facts
    return {"league": league, "home": home, "away": away, "starts_at": starts_at, "source_updated_at": reported_at}


def _offered_before(row: Row, moment: datetime) -> bool:
    return row["price_num"] is not None and row["taken_at"] < moment


def _offered(state: State) -> Row:
    taken_at, line_q, num, den = state
    return {"changed_at": taken_at, "taken_at": taken_at, "line_q": line_q, "price_num": num, "price_den": den}


def _same(row: Row, offer: Offer) -> bool:
    known = (row["line_q"], row["price_num"], row["price_den"])
    return known == (offer.line_q, offer.odds.num, offer.odds.den)


def _changed_at(offer: Offer, row: Row | None, fetched_at: datetime) -> datetime | None:
    """When a change happened; None when it cannot be later than what is known.

    A provider that changed a price without moving its clock is timed by the document.
    """
    if row is None or offer.taken_at > row["taken_at"]:
        return offer.taken_at
    return fetched_at if fetched_at > row["taken_at"] else None


_LOCK_GAME = """
SELECT state, home_score, away_score, score_source, score_updated_at FROM games WHERE game_id = %s FOR UPDATE
"""
_LOCK_GAMES = """
SELECT game_id, league, home, away, starts_at, source_updated_at FROM games
WHERE game_id IN %s ORDER BY game_id FOR UPDATE
"""
_SOURCES = "SELECT provider_game_id, game_id FROM game_sources WHERE provider = %s AND provider_game_id IN %s"
_CLAIM_SOURCE = """
INSERT INTO game_sources (provider, provider_game_id, game_id) VALUES (%s, %s, %s)
ON DUPLICATE KEY UPDATE game_id = game_sources.game_id
"""
# Left to right, so the columns compared with stand last. A game put off is on again once it is given another day.
_UPSERT_GAME = """
INSERT INTO games (game_id, league, home, away, starts_at, source_updated_at) VALUES (%s, %s, %s, %s, %s, %s)
ON DUPLICATE KEY UPDATE
    state = IF(
        state = 'postponed' AND VALUES(source_updated_at) >= source_updated_at
            AND ABS(TIMESTAMPDIFF(HOUR, starts_at, VALUES(starts_at))) >= 12, 'scheduled', state),
    league = IF(VALUES(source_updated_at) >= source_updated_at, VALUES(league), league),
    home = IF(VALUES(source_updated_at) >= source_updated_at, VALUES(home), home),
    away = IF(VALUES(source_updated_at) >= source_updated_at, VALUES(away), away),
    starts_at = IF(VALUES(source_updated_at) >= source_updated_at, VALUES(starts_at), starts_at),
    source_updated_at = GREATEST(VALUES(source_updated_at), source_updated_at)
"""
_CURRENT = """
SELECT game_id, book, market, side, changed_at, taken_at, line_q, price_num, price_den
FROM current_odds WHERE game_id IN %s ORDER BY game_id, book, market, side FOR UPDATE
"""
_SNAPSHOT_BEFORE = """
SELECT line_q, price_num, price_den FROM odds_snapshots
WHERE game_id = %s AND book = %s AND market = %s AND side = %s AND taken_at <= %s
ORDER BY taken_at DESC LIMIT 1
"""
_APPEND_SNAPSHOT = """
INSERT INTO odds_snapshots
    (game_id, book, market, side, taken_at, line_q, price_num, price_den, fetched_at, previous_seen_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON DUPLICATE KEY UPDATE fetched_at = odds_snapshots.fetched_at
"""
_UPSERT_CURRENT = """
INSERT INTO current_odds (game_id, book, market, side, changed_at, taken_at, line_q, price_num, price_den)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
ON DUPLICATE KEY UPDATE
    line_q = IF(VALUES(changed_at) >= changed_at, VALUES(line_q), line_q),
    price_num = IF(VALUES(changed_at) >= changed_at, VALUES(price_num), price_num),
    price_den = IF(VALUES(changed_at) >= changed_at, VALUES(price_den), price_den),
    taken_at = GREATEST(VALUES(taken_at), taken_at),
    changed_at = GREATEST(VALUES(changed_at), changed_at)
"""
_INSERT_SCORE = """
INSERT INTO game_scores (game_id, provider, reported_at, home_score, away_score, final) VALUES (%s, %s, %s, %s, %s, %s)
ON DUPLICATE KEY UPDATE
    home_score = VALUES(home_score), away_score = VALUES(away_score), final = VALUES(final)
"""
_BRING_SCORE = """
UPDATE games SET state = %s, home_score = %s, away_score = %s, score_source = %s, score_updated_at = %s
WHERE game_id = %s
"""
_CANCEL_UPCOMING = """
UPDATE games JOIN game_sources ON game_sources.game_id = games.game_id
SET games.state = 'cancelled'
WHERE games.state = 'scheduled' AND games.starts_at > %s
    AND game_sources.provider = %s AND game_sources.provider_game_id LIKE %s
"""
_FETCHES = "SELECT sport_key, kind, fetched_at FROM feed_fetches WHERE provider = %s"
_ETAGS = "SELECT sport_key, kind, etag FROM feed_fetches WHERE provider = %s AND etag <> ''"
# Left to right: fetched_at, which is compared with, stands last.
_RECORD_FETCH = """
INSERT INTO feed_fetches (provider, sport_key, kind, etag, fetched_at) VALUES (%s, %s, %s, %s, %s)
ON DUPLICATE KEY UPDATE etag = IF(VALUES(fetched_at) >= fetched_at, VALUES(etag), etag),
    fetched_at = GREATEST(VALUES(fetched_at), fetched_at)
"""
# games_upcoming (state, starts_at), a range each.
_NEXT_STARTS = """
SELECT league, MIN(starts_at) AS next_start FROM games WHERE state = 'scheduled' AND starts_at > %s GROUP BY league
"""
_BEGUN = """
SELECT league, state, COUNT(*) AS games FROM games
WHERE state IN ('scheduled', 'live', 'final') AND starts_at > %s AND starts_at <= %s GROUP BY league, state
"""
