"""How far results have been taken to bets. Not guild-scoped: a game's result goes to the bets of every guild."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter

from dbsbm.bets.told.legs import is_baseball
from dbsbm.database.session import Row, Session
from dbsbm.games.facts.repository import FactsRepository
from dbsbm.games.model import GameState
from dbsbm.games.repository import chunks
from dbsbm.settlement.model import SourceScore, Standing

_LOOK_BACK = timedelta(days=14)
_LOOK_AHEAD = timedelta(days=14)
"""A game may be cancelled long before its start."""
_CORRECTED_WITHIN = timedelta(days=4)
Place = tuple[int, int]
"""A guild and a bet of it."""
FRESH: Place = (0, 0)
"""The cursor of a game none of whose bets is done."""
LAST: Place = (2**64 - 1, 2**64 - 1)
"""Behind every bet."""


@dataclass(frozen=True, slots=True)
class Work:
    """A game whose standing has not been taken to all of its bets; the cursor is the last bet done."""

    game_id: int
    standing: str
    cursor: Place
    first_final_at: datetime


class ResultRepository:
    """Games that are over, and the bets on them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def over(self, now: datetime) -> dict[int, str]:
        """Games that are over or called off, with the standing that was last taken to their bets ("" for none)."""
        window = (now - _LOOK_BACK, now + _LOOK_AHEAD, now - _CORRECTED_WITHIN)
        return {row["game_id"]: row["standing"] or "" for row in self._session.all(_OVER, window)}

    def standings(self, game_ids: Collection[int]) -> dict[int, Standing]:
        """What the sources say of these games now."""
        scores: dict[int, list[SourceScore]] = {}
        states: dict[int, tuple[GameState, str]] = {}
        for chunk in chunks(game_ids):
            for row in self._session.all(_STATES, (chunk,)):
                states[row["game_id"]] = GameState(row["state"]), row["league"]
            for row in self._session.all(_NEWEST_SCORES, (chunk,)):
                final = bool(row["final"])
                score = SourceScore(row["provider"], row["home_score"], row["away_score"], final, row["reported_at"])
                scores.setdefault(row["game_id"], []).append(score)
        told = FactsRepository(self._session)
        marks = told.marks(scores)
        innings = told.of([each for each in marks if is_baseball(states[each][1])], boxes=False)
        return {
            game_id: Standing(
                game_id,
                state,
                tuple(scores.get(game_id, ())),
                marks.get(game_id, "")[:120],
                league,
                innings[game_id].periods if game_id in innings else (),
            )
            for game_id, (state, league) in states.items()
        }

    def open_work(self, standings: Sequence[Standing], now: datetime) -> None:
        """These games have a new standing: their bets are to be gone through, from the first."""
        rows = [(each.game_id, each.text, "open", now, now) for each in standings]
        self._session.execute_many(_OPEN_WORK, rows)

    def waiting(self) -> int:
        """How many games have a standing that was not taken to all of their bets."""
        # game_settlements_by_work.
        row = self._session.one("SELECT COUNT(*) AS games FROM game_settlements WHERE state = 'open'")
        return 0 if row is None else int(row["games"])

    def take_work(self, limit: int) -> list[Work]:
        """Games to go on with, held until the transaction ends; those that another run holds are left to it."""
        return [
            Work(row["game_id"], row["standing"], (row["cursor_guild"], row["cursor_bet"]), row["first_final_at"])
            for row in self._session.all(_TAKE_WORK, (limit,))
        ]

    def page_end(self, game_ids: Sequence[int], after: Place, limit: int) -> Place:
        """The bet at which so many legs on these games are gone through, by guild and bet; LAST when no more are left.

        By guild, because the sums of a community's cappers are then added to once, and its rows lie together.
        """
        row = self._session.one(_PAGE_END, (game_ids, after[0], *after, limit - 1))
        return LAST if row is None else (row["guild_id"], row["bet_id"])

    def bets_on(self, game_ids: Sequence[int], after: Place, until: Place) -> Sequence[Row]:
        """Legs on these games of bets' present terms, by guild and bet, with the bet's state and last proposal.

        ``terms`` is what many bets have alike, in one text (``Terms.of``).
        """
        rows = self._session.all(_BETS, (game_ids, after[0], until[0], *after, *until))
        return sorted(rows, key=itemgetter("guild_id", "bet_id"))

    def automatic(self, guild_ids: Collection[int]) -> dict[int, bool]:
        """Whether these guilds have results applied without a person; those that are no more are left out."""
        rows = [row for chunk in chunks(guild_ids) for row in self._session.all(_AUTOMATIC, (chunk,))]
        return {row["guild_id"]: bool(row["auto_grade"]) for row in rows}

    def rule_profile(self, guild_id: int, bet_id: int, revision: int) -> str:
        """The rules stored with a bet, as JSON."""
        # By PRIMARY.
        row = self._session.one(
            "SELECT rule_profile FROM bet_revisions WHERE guild_id = %s AND bet_id = %s AND revision = %s",
            (guild_id, bet_id, revision),
        )
        return "" if row is None else str(row["rule_profile"])

    def record(self, done: Sequence[tuple[Work, str, Place, bool]], now: datetime) -> None:
        """How far each game is: the standing taken, the last bet done, and whether that was the last there is."""
        rows = [
            (work.game_id, standing, "done" if finished else "open", *cursor, work.first_final_at, now)
            for work, standing, cursor, finished in done
        ]
        self._session.execute_many(_RECORD, rows)

    def to_look_at(self, now: datetime, marks: Sequence[timedelta]) -> Sequence[Row]:
        """Games with a mark behind them at which nobody has looked: (game_id, league, looks)."""
        rows = self._session.all(_TO_LOOK_AT, (now - marks[-1] - timedelta(days=1), len(marks)))
        return [row for row in rows if now - row["first_final_at"] >= marks[row["looks"]]]

    def looked(self, game_ids: Collection[int]) -> None:
        """One more look at each of these games."""
        for chunk in chunks(game_ids):
            self._session.execute("UPDATE game_settlements SET looks = looks + 1 WHERE game_id IN %s", (chunk,))


# games_upcoming (state, starts_at), a range per state; game_settlements by PRIMARY.
_OVER = """
SELECT g.game_id, s.standing FROM games g LEFT JOIN game_settlements s ON s.game_id = g.game_id
WHERE g.state IN ('final', 'cancelled', 'postponed') AND g.starts_at > %s AND g.starts_at <= %s
    AND (s.game_id IS NULL OR s.first_final_at > %s)"""
_STATES = "SELECT game_id, state, league FROM games WHERE game_id IN %s"
# PRIMARY: the newest row of each (game, provider).
_NEWEST_SCORES = """
SELECT s.game_id, s.provider, s.home_score, s.away_score, s.final, s.reported_at
FROM (SELECT game_id, provider, MAX(reported_at) AS reported_at FROM game_scores WHERE game_id IN %s
      GROUP BY game_id, provider) newest
JOIN game_scores s ON s.game_id = newest.game_id AND s.provider = newest.provider
    AND s.reported_at = newest.reported_at
ORDER BY s.game_id, s.provider"""
_OPEN_WORK = """
INSERT INTO game_settlements (game_id, standing, state, first_final_at, updated_at)
VALUES (%s, %s, %s, %s, %s)
ON DUPLICATE KEY UPDATE standing = VALUES(standing), state = 'open', cursor_guild = 0, cursor_bet = 0,
    updated_at = VALUES(updated_at)"""
# game_settlements_by_work.
_TAKE_WORK = """
SELECT game_id, standing, cursor_guild, cursor_bet, first_final_at FROM game_settlements
WHERE state = 'open' ORDER BY game_id LIMIT %s FOR UPDATE SKIP LOCKED"""
# bet_legs_by_game (game_id, guild_id, bet_id, revision, leg) alone.
_PAGE_END = """
SELECT guild_id, bet_id FROM bet_legs FORCE INDEX (bet_legs_by_game)
WHERE game_id IN %s AND guild_id >= %s AND (guild_id > %s OR bet_id > %s)
ORDER BY guild_id, bet_id LIMIT 1 OFFSET %s"""
# bet_legs_by_game, a range of guilds for each game; then the PRIMARY of each. League and player are any text, so they
# stand last, with the length of the first.
_BETS = """
SELECT l.game_id, l.guild_id, l.bet_id, b.capper_id, r.risk_micro, r.to_win_micro, p.result AS known_result,
    CONCAT_WS('|', l.revision, r.ticket, r.stake_mode, r.rule_profile_version, MD5(r.rule_profile), b.state,
        COALESCE(b.grade, ''), b.grade_seq, COALESCE(p.grade, ''), COALESCE(p.grade_seq, 0), l.market, l.side, l.line_q,
        l.odds_num, l.odds_den, l.period, CHAR_LENGTH(l.league), CONCAT(l.league, l.player)) AS terms
FROM bet_legs l FORCE INDEX (bet_legs_by_game)
STRAIGHT_JOIN bets b ON b.guild_id = l.guild_id AND b.bet_id = l.bet_id AND b.revision = l.revision
STRAIGHT_JOIN bet_revisions r ON r.guild_id = l.guild_id AND r.bet_id = l.bet_id AND r.revision = l.revision
LEFT JOIN bet_proposals p ON p.guild_id = l.guild_id AND p.bet_id = l.bet_id
WHERE l.game_id IN %s AND l.guild_id BETWEEN %s AND %s AND (l.guild_id > %s OR l.bet_id > %s)
    AND (l.guild_id < %s OR l.bet_id <= %s)"""
# By PRIMARY.
_AUTOMATIC = "SELECT guild_id, auto_grade FROM guilds WHERE guild_id IN %s"
_RECORD = """
INSERT INTO game_settlements (game_id, standing, state, cursor_guild, cursor_bet, first_final_at, updated_at)
VALUES (%s, %s, %s, %s, %s, %s, %s)
ON DUPLICATE KEY UPDATE standing = VALUES(standing), state = VALUES(state), cursor_guild = VALUES(cursor_guild),
    cursor_bet = VALUES(cursor_bet), updated_at = VALUES(updated_at)"""
# game_settlements_by_age.
_TO_LOOK_AT = """
SELECT s.game_id, g.league, s.looks, s.first_final_at FROM game_settlements s JOIN games g ON g.game_id = s.game_id
WHERE s.first_final_at > %s AND s.looks < %s"""
