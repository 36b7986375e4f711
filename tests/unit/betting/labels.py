"""The labelled picks in ``tests/data/reader_*.txt``: how they are written, and whether a reading says the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

from dbsbm.betting.markets import Market, parse_line
from dbsbm.betting.odds import Odds
from dbsbm.betting.reader import GameCandidate, GameIndex, Interpretation, Reading, read_pick
from dbsbm.betting.stakes import StakeMode, parse_units
from dbsbm.core.errors import InputError

DATA = Path(__file__).parents[2] / "data"
NOW = datetime(2026, 10, 25, 15, tzinfo=UTC)
_STAKES = {"risk": StakeMode.RISK, "win": StakeMode.TO_WIN, "base": StakeMode.BASE_UNIT}


def slate() -> tuple[dict[str, int], list[GameCandidate]]:
    """Game id by key, and the games."""
    keys: dict[str, int] = {}
    games = []
    for line in _lines("reader_slate.txt"):
        key, league, away, home, start = (part.strip() for part in line.split("|"))
        keys[key] = len(keys) + 1
        games.append(GameCandidate(keys[key], league, home, away, datetime.fromisoformat(start)))
    return keys, games


@dataclass(frozen=True)
class Label:
    text: str
    wanted: tuple[str, ...]


def labels(name: str) -> list[Label]:
    """Every text with its wanted parts: the ticket's or straight's own first, then one per leg."""
    found = []
    for line in _lines(name):
        text, _, wanted = line.partition(" => ")
        found.append(Label(text.replace(" // ", "\n"), tuple(part.strip() for part in wanted.split("|"))))
    return found


def differences(label: Label, index: GameIndex, keys: dict[str, int]) -> list[str]:
    """What the reading of a text says otherwise than its label."""
    fields = _fields(label.wanted[0])
    try:
        reading = read_pick(label.text, index, NOW)
    except InputError as error:
        return [] if fields.get("error") == error.field else [f"error {error.field}: {error.problem}"]
    if "error" in fields:
        return [f"no error about {fields['error']}"]
    if len(label.wanted) == 1:
        return _straight(label.wanted[0], reading, keys) + _ticket("straight", fields, reading)
    wrong = _ticket(label.wanted[0].split()[0], fields, reading) + _money(fields, reading)
    if len(reading.legs) != len(label.wanted) - 1:
        return [*wrong, f"{len(reading.legs)} legs"]
    for number, (wanted, leg) in enumerate(zip(label.wanted[1:], reading.legs, strict=True), 1):
        wrong += [f"leg {number}: {each}" for each in _straight(wanted, leg, keys)]
    return wrong


def _ticket(kind: str, fields: dict[str, str], reading: Reading) -> list[str]:
    wrong = [] if reading.ticket == kind else [f"ticket {reading.ticket}"]
    wanted = set(filter(None, fields.get("missing", "").split(",")))
    return wrong if set(reading.missing) == wanted else [*wrong, f"missing {reading.missing}"]


def _straight(wanted: str, reading: Reading, keys: dict[str, int]) -> list[str]:
    fields = _fields(wanted)
    best = reading.best or reading.said
    choose = {choice.field for choice in reading.choices}
    wrong = [] if choose == set(filter(None, [fields.get("choose", "")])) else [f"choose {sorted(choose)}"]
    words = [word for word in wanted.split() if "=" not in word]
    bet = next((word for word in words if word.partition(".")[0] in {*map(str, Market), "none"}), "")
    game = next((word for word in words if word in keys), "")
    market, _, side = bet.partition(".")
    if game and best.game_id != keys[game]:
        wrong.append(f"game {best.game_id}")
    if not game and "choose" not in fields and best.game_id is not None:
        wrong.append(f"a game: {best.game_id}")
    if (best.market or "none") != (market or "none"):
        wrong.append(f"market {best.market}")
    if side and best.side != side:
        wrong.append(f"side {best.side}")
    if best.line_q != (parse_line(fields["line"]) if "line" in fields else None):
        wrong.append(f"line {best.line_q}")
    for name, default in (("period", "game"), ("player", ""), ("stat", "")):
        if getattr(best, name) != fields.get(name, default).replace("_", " " if name == "player" else "_"):
            wrong.append(f"{name} {getattr(best, name)}")
    return wrong + (_money(fields, best) if reading.ticket == "straight" else [])


def _money(fields: dict[str, str], said: Reading | Interpretation) -> list[str]:
    wrong = []
    price = Odds.parse(fields["odds"]).price if "odds" in fields else None
    if (said.odds.price if said.odds else None) != price:
        wrong.append(f"odds {said.odds.price if said.odds else Fraction(0)}")
    if fields.get("choose") == "stake":
        return wrong
    stake = next(((mode, parse_units(fields[name])) for name, mode in _STAKES.items() if name in fields), (None, None))
    if (said.stake_mode, said.amount_micro) != stake:
        wrong.append(f"stake {said.stake_mode} {said.amount_micro}")
    return wrong


def _fields(wanted: str) -> dict[str, str]:
    return dict(word.split("=", 1) for word in wanted.split() if "=" in word)


def _lines(name: str) -> list[str]:
    text = (DATA / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
