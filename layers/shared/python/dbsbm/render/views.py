"""What a picture shows: plain values only, because a view travels through the outbox as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class LegView:
    """One leg as words: ``pick`` "Chiefs −3", ``matchup`` "Chiefs @ Raiders", ``when`` "Sun 8:20 PM ET"."""

    league: str
    pick: str
    market: str
    matchup: str
    when: str
    odds: str
    grade: str = ""


@dataclass(frozen=True, slots=True)
class SlipView:
    """A slip: template "slip". ``grade`` is "" while open, else a Grade value; ``profit`` is "" or e.g. "+1.82u".

    ``state`` is the word of the pill, ``title`` what stands above the legs of a ticket, ``headings`` are those of risk,
    to win and profit.
    """

    capper: str
    ticket: str
    legs: tuple[LegView, ...]
    odds: str
    risk: str
    to_win: str
    posted: str
    bet_ref: str
    state: str
    title: str
    headings: tuple[str, ...]
    draft: bool = False
    grade: str = ""
    profit: str = ""
    rule: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class StatsView:
    """A capper's card: template "stats". ``form`` is newest last, (Grade value, letter); ``curve`` is cumulative units.

    ``bets`` says how many there are, ``headings`` are those of record, ROI, win rate, risked and streak, ``lately``
    that of the form; ``no_curve`` stands where there are too few bets for one.
    """

    capper: str
    period: str
    record: str
    units: str
    roi: str
    win_rate: str
    streak: str
    risked: str
    bets: str
    headings: tuple[str, ...]
    lately: str
    no_curve: str
    form: tuple[tuple[str, str], ...] = ()
    curve: tuple[float, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class PanelView:
    """One market's curve: ``points`` are (share of the time shown, value), oldest first; texts say first and last."""

    label: str
    opened: str
    now: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class MovementView:
    """How a game's lines moved: template "movement". ``first`` and ``last`` name the ends of the time shown."""

    matchup: str
    league: str
    when: str
    first: str
    last: str
    panels: tuple[PanelView, ...]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One capper on a board, every cell as words."""

    place: str
    name: str
    record: str
    units: str
    roi: str
    rating: str
    flat: str


@dataclass(frozen=True, slots=True)
class BoardView:
    """A leaderboard: template "board". ``headings`` of record, units, ROI, rating and flat, in this order."""

    title: str
    period: str
    headings: tuple[str, ...]
    rows: tuple[BoardRow, ...]
    empty: str
    note: str

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class RecapRow:
    """One capper of a recap, every cell as words."""

    name: str
    record: str
    units: str
    roi: str


@dataclass(frozen=True, slots=True)
class RecapView:
    """The bets of a day or week: template "recap". ``headings`` of record, units and ROI."""

    title: str
    period: str
    record: str
    units: str
    roi: str
    headings: tuple[str, ...]
    rows: tuple[RecapRow, ...]
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)
