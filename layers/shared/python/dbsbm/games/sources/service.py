"""Takes in what a further source says: finds the games, follows what becomes of them, brings their scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TypeVar

from dbsbm.cache.cache import Cache
from dbsbm.cache.prefixes import GAMES
from dbsbm.database.session import Row, Session
from dbsbm.games.model import EventReport, EventState, GameState
from dbsbm.games.sources.identity import WINDOW, Match, Reason, matches
from dbsbm.games.sources.repository import GONE, SourceRepository

Done = TypeVar("Done")
_SCORED = (EventState.LIVE, EventState.SUSPENDED, EventState.FINAL)


@dataclass(frozen=True, slots=True)
class Sourced:
    """What a document brought: events that are games of ours, those that are not, and changes by kind."""

    matched: int = 0
    unmatched: int = 0
    changes: int = 0
    scores: int = 0

    def __add__(self, other: Sourced) -> Sourced:
        return Sourced(
            self.matched + other.matched,
            self.unmatched + other.unmatched,
            self.changes + other.changes,
            self.scores + other.scores,
        )


def take_in(
    run: Callable[[Callable[[Session], Sourced]], Sourced], cache: Cache, reports: Sequence[EventReport]
) -> Sourced:
    """Store the events of one league's document in one transaction; repeating it changes nothing.

    Raises
    ------
    DatabaseUnavailableError
        When nothing can be stored.
    """
    done = run(partial(store_events, reports=reports))
    if done.changes or done.scores:
        cache.clear_prefix(GAMES)
    return done


def store_events(session: Session, reports: Sequence[EventReport]) -> Sourced:
    """The same in the caller's transaction. All reports are of one provider and league."""
    exact = [_on_the_millisecond(report) for report in reports]
    if not exact:
        return Sourced()
    repository = SourceRepository(session)
    known = repository.events(exact[0].provider, [report.provider_game_id for report in exact])
    found = _found(repository, exact, known)
    newer = [report for report in exact if _newer(report, known.get(report.provider_game_id))]
    repository.keep(newer, found)
    told = [
        (match, report, known.get(report.provider_game_id))
        for report in newer
        if isinstance(match := found[report.provider_game_id], Match)
    ]
    changes = [(match.game_id, report) for match, report, before in told if _changed(report, before)]
    repository.append_changes(changes)
    scores = _bring(repository, [(match, report) for match, report, _ in told])
    states = _states(repository, told)
    return Sourced(len(told), len(newer) - len(told), len(changes) + states, scores)


def _found(
    repository: SourceRepository, reports: Sequence[EventReport], known: Mapping[str, Row]
) -> dict[str, Match | Reason]:
    found: dict[str, Match | Reason] = {
        event_id: Match(row["game_id"], bool(row["swapped"]))
        for event_id, row in known.items()
        if row["game_id"] is not None
    }
    new = [report for report in reports if report.provider_game_id not in found]
    if new:
        starts = [report.starts_at for report in new]
        games = repository.candidates(new[0].provider, new[0].league, min(starts), max(starts))
        found |= matches(new, games)
    return found


def _newer(report: EventReport, before: Row | None) -> bool:
    return before is None or report.reported_at >= before["last_seen_at"]


def _changed(report: EventReport, before: Row | None) -> bool:
    if before is None or before["game_id"] is None:
        return True
    return (report.state.value, report.starts_at) != (before["state"], before["starts_at"])


def _bring(repository: SourceRepository, told: Sequence[tuple[Match, EventReport]]) -> int:
    """Scores that differ from the source's last; a final is not undone by another source that is behind."""
    scored = [(match, report) for match, report in told if report.state in _SCORED and report.home_score is not None]
    if not scored:
        return 0
    provider = scored[0][1].provider
    ids = [match.game_id for match, _ in scored]
    games, last = repository.lock_games(ids), repository.scores(provider, ids)
    appended, brought, periods = [], [], []
    for match, report in scored:
        home, away = _sides(match, report.home_score or 0, report.away_score or 0)
        final = report.state is EventState.FINAL
        rows = _sides(match, _text(report.home_periods), _text(report.away_periods))
        if rows != ("", ""):
            periods.append((match.game_id, provider, report.reported_at, *rows))
        before, game = last.get(match.game_id), games[match.game_id]
        if before is not None and (home, away, final) == _standing(before):
            continue
        appended.append((match.game_id, provider, report.reported_at, home, away, final))
        behind = game["state"] == GameState.FINAL and not final and game["score_source"] != provider
        if not behind and (game["score_updated_at"] is None or game["score_updated_at"] <= report.reported_at):
            state = GameState.FINAL if final else GameState.LIVE
            brought.append((state.value, home, away, provider, report.reported_at, match.game_id))
    repository.append_scores(appended)
    repository.keep_periods(periods)
    repository.bring_scores(brought)
    return len(appended)


def _standing(row: Row) -> tuple[int, int, bool]:
    return row["home_score"], row["away_score"], bool(row["final"])


def _states(repository: SourceRepository, told: Sequence[tuple[Match, EventReport, Row | None]]) -> int:
    """Games put off or called off, and those that are on again; returns how many changed.

    An event put off keeps its old day, so it says nothing of a game that has been moved to another.
    """
    games = repository.lock_games([match.game_id for match, _, _ in told])
    rows: list[tuple[str, int]] = []
    for match, report, before in told:
        game = games[match.game_id]
        near = abs(game["starts_at"] - report.starts_at) <= WINDOW
        if report.state.value in GONE and near and game["state"] in (GameState.SCHEDULED, GameState.LIVE):
            rows.append((report.state.value, match.game_id))
        elif report.state is EventState.SCHEDULED and game["state"] in GONE and _changed(report, before):
            rows.append((GameState.SCHEDULED.value, match.game_id))
    repository.set_states(rows)
    return len(rows)


def _sides(match: Match, home: Done, away: Done) -> tuple[Done, Done]:
    return (away, home) if match.swapped else (home, away)


def _text(points: Sequence[int]) -> str:
    return ",".join(str(each) for each in points)


def _on_the_millisecond(report: EventReport) -> EventReport:
    return replace(report, starts_at=_ms(report.starts_at), reported_at=_ms(report.reported_at))


def _ms(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
