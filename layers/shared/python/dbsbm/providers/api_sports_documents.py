"""Games of API-Sports as reports: seven shapes with one envelope."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from dbsbm.games.model import EventReport, EventState
from dbsbm.providers.api_sports import PROVIDER, SportHost
from dbsbm.providers.api_sports_races import race_event
from dbsbm.providers.errors import ProviderDocumentError
from dbsbm.providers.reading import Read, count, mapping, read_entries, read_json, text

_MAX_SCORE = 10_000
_MAX_ID = 10**12
_STATES = {
    EventState.SCHEDULED: ("NS", "TBD"),
    EventState.LIVE: (
        *("1H", "HT", "2H", "ET", "BT", "P", "LIVE", "Q1", "Q2", "Q3", "Q4", "OT", "P1", "P2", "P3", "PT"),
        *(f"IN{inning}" for inning in range(1, 30)),
    ),
    EventState.FINAL: ("FT", "AET", "PEN", "AOT", "AP"),
    EventState.SUSPENDED: ("SUSP", "INT", "INTR", "ABD"),
    EventState.POSTPONED: ("PST", "POST"),
    EventState.CANCELLED: ("CANC", "AWD", "AW", "WO"),
}
"""Abandoned counts as stopped, awarded and walk-over as called off: what they mean for a bet is for the rules."""
_BY_SHORT = {short: state for state, shorts in _STATES.items() for short in shorts}
_FIGHT_STATES = {
    "NS": EventState.SCHEDULED,
    **dict.fromkeys(("IN", "PF", "WO", "LIVE", "EOR"), EventState.LIVE),
    "FT": EventState.FINAL,
    "PST": EventState.POSTPONED,
    "CANC": EventState.CANCELLED,
}
"""Of fights: intros, pre-fight, walkouts – which elsewhere is a walk-over –, and the end of a round."""
_QUARTERS = ("quarter_1", "quarter_2", "quarter_3", "quarter_4")
_THIRDS = ("first", "second", "third", "overtime")


def read_games(body: bytes, sport: SportHost, league: str, fetched_at: datetime) -> Read[EventReport]:
    """The games of one league in a sport's document of a day.

    Raises
    ------
    ProviderDocumentError
        When the document as a whole is not an envelope.
    """
    envelope = mapping(read_json(body), "envelope")
    paging = envelope.get("paging")
    if isinstance(paging, dict) and (count(paging.get("total"), _MAX_SCORE) or 1) > 1:
        raise ProviderDocumentError("has further pages, and a day's games come on one")
    wanted = sport.leagues[league]

    def entry(row: Any, _problems: object) -> EventReport | None:
        fields = mapping(row, "game")
        if sport.shape == "formula_1":
            return race_event(fields, sport, league, fetched_at)
        if sport.shape == "mma":
            return _report(fields, sport, league, fetched_at)
        own = mapping(fields.get("league"), "league").get("id")
        return _report(fields, sport, league, fetched_at) if own == wanted else None

    return read_entries(envelope.get("response"), entry)


def _report(fields: dict[str, Any], sport: SportHost, league: str, fetched_at: datetime) -> EventReport:
    """Soccer and American football keep the game's own facts one level down."""
    key = {"football": "fixture", "american_football": "game"}.get(sport.shape)
    game = mapping(fields.get(key), key) if key else fields
    number = count(game.get("id"), _MAX_ID)
    if number is None:
        raise ProviderDocumentError(f"id {game.get('id')!r} is not a number")
    try:
        return _event(game, fields, sport, league, fetched_at)
    except ProviderDocumentError as error:
        raise ProviderDocumentError(f"{number}: {error.detail}") from error


def _event(
    game: dict[str, Any], fields: dict[str, Any], sport: SportHost, league: str, fetched_at: datetime
) -> EventReport:
    short = mapping(game.get("status"), "status").get("short")
    state = (_FIGHT_STATES if sport.shape == "mma" else _BY_SHORT).get(str(short))
    if state is None:
        raise ProviderDocumentError(f"status {str(short)[:20]!r} is none we know")
    home, away = (text(side, "name", 100) for side in _sides(fields, sport))
    scored = state in (EventState.LIVE, EventState.SUSPENDED, EventState.FINAL)
    scores = _scores(fields, sport, final=state is EventState.FINAL) if scored else (None, None)
    periods = [_periods(fields, sport, side) for side in ("home", "away")] if scored else [(), ()]
    return EventReport(
        PROVIDER,
        f"{sport.host}-{game['id']}",
        league,
        (home,),
        (away,),
        _start(game),
        fetched_at,
        state,
        *scores,
        *periods,
    )


def _sides(fields: dict[str, Any], sport: SportHost) -> list[dict[str, Any]]:
    """Both sides, home first; of two fighters the one named first."""
    key, names = ("fighters", ("first", "second")) if sport.shape == "mma" else ("teams", ("home", "away"))
    sides = mapping(fields.get(key), key)
    return [mapping(sides.get(name), name) for name in names]


def _start(game: dict[str, Any]) -> datetime:
    given = game.get("timestamp")
    if given is None and isinstance(game.get("date"), dict):
        given = game["date"].get("timestamp")
    epoch = count(given, 4_102_444_800)
    if epoch is None:
        raise ProviderDocumentError(f"timestamp {str(given)[:40]!r} is not one")
    return datetime.fromtimestamp(epoch, UTC)


def _scores(fields: dict[str, Any], sport: SportHost, *, final: bool) -> tuple[int, int]:
    """Soccer's final is the score after ninety minutes, ``fulltime``; ``goals`` would include extra time.

    A fight is 1–0 for its winner, and 0–0 without one: a draw or no contest, which are not told apart.
    """
    if sport.shape == "mma":
        first, second = (side.get("winner") is True and final for side in _sides(fields, sport))
        if first and second:
            raise ProviderDocumentError("both fighters have won")
        return int(first), int(second)
    if sport.shape == "football":
        rows = mapping(mapping(fields.get("score"), "score").get("fulltime"), "fulltime") if final else None
        rows = rows or mapping(fields.get("goals"), "goals")
    else:
        rows = mapping(fields.get("scores"), "scores")
    found = [_points(rows.get(side)) for side in ("home", "away")]
    return found[0], found[1]


def _points(value: Any) -> int:
    points = count(value.get("total") if isinstance(value, dict) else value, _MAX_SCORE)
    if points is None:
        raise ProviderDocumentError(f"score {str(value)[:60]!r} is not a number of points")
    return points


def _periods(fields: dict[str, Any], sport: SportHost, side: str) -> tuple[int, ...]:
    """The points of each period as far as all of them are told."""
    if sport.shape == "mma":
        return ()
    if sport.shape == "football":
        return _halves(fields.get("score"), side)
    if sport.shape == "hockey":
        rows = fields.get("periods")
        texts = [rows.get(name) for name in _THIRDS] if isinstance(rows, dict) else []
        place = 0 if side == "home" else 1
        return _counted([str(each).split("-")[place] if each and "-" in str(each) else None for each in texts])
    own = fields["scores"].get(side)
    if not isinstance(own, dict):
        return ()
    if sport.shape == "baseball":
        innings = own.get("innings")
        return _counted([innings.get(str(n)) for n in range(1, 10)] if isinstance(innings, dict) else [])
    return _counted([own.get(name) for name in (*_QUARTERS, "over_time", "overtime") if own.get(name) is not None])


def _halves(score: Any, side: str) -> tuple[int, ...]:
    whole, half = (
        row.get(side) if isinstance(score, dict) and isinstance(row := score.get(name), dict) else None
        for name in ("fulltime", "halftime")
    )
    first, both = count(half, _MAX_SCORE), count(whole, _MAX_SCORE)
    return () if first is None else (first,) if both is None else (first, both - first)


def _counted(values: Sequence[Any]) -> tuple[int, ...]:
    """Numbers up to the first that is missing."""
    found: list[int] = []
    for value in values:
        points = count(value, _MAX_SCORE)
        if points is None:
            break
        found.append(points)
    return tuple(found)
