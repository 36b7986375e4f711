"""The numbers and set phrases of a typed pick, taken out of it one kind after another; what is left are names.

The order matters: a stake ("2u") before a total ("u44.5"), a signed number of 100 and more is a price, a smaller one a
line, and an unsigned number with a point is a price only when no line claims it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from dbsbm.betting.markets import Market, Side, parse_line
from dbsbm.betting.odds import Odds, OddsError
from dbsbm.betting.picks import Interpretation
from dbsbm.betting.stakes import StakeMode, parse_units, reckoned
from dbsbm.core.errors import InputError

MARK = "|"
"""Stands where a line, price or market word stood, so that the side beside it can be told."""
SEPARATORS = frozenset({"/", "vs", "v", "at", "versus"})
_AMOUNT = r"(\d+(?:\.\d*)?|\.\d+)"
_UNIT = r"(?:u|un|units?)"
_TO_WIN = re.compile(rf"\b(?:to\s+win|tw)\s+{_AMOUNT}\s*({_UNIT}(?![a-z0-9]))?(?![\w./])")
_UNITS_TO_WIN = re.compile(rf"(?<![\w.]){_AMOUNT}\s*{_UNIT}\s+(?:to\s+win|tw)\b")
_RISK = re.compile(rf"(?:\b(?:risk(?:ing)?|for)\s+)?(?<![\w.])(-?{_AMOUNT})\s*{_UNIT}(?![a-z0-9])(?!\s*\d)")
_MILESTONE = re.compile(r"(?<![\w.+-])(\d{1,4})\+(?!\d)")
_TOTAL = re.compile(r"\b(over|under|ov|un|o|u)\s*(\d*\.?\d+)(?:\s*[,/]\s*(\d+(?:\.\d+)?))?(?![\d/])")
_AT = re.compile(r"@\s*([+-]?[\d.][^\s@]*)|(?<=\s)@([a-z]\S*)")
_ODDS = re.compile(r"([+-]\d{3,9})(?![\w.])|(?<![\w./])(\d+/\d+)(?![\w./])|\b(evens?|evs?)\b")
_SPLIT = re.compile(r"(?<![\w.])([+-]\d+(?:\.\d+)?)\s*[,/]\s*([+-]?\d+(?:\.\d+)?)(?![\w.])")
_ZERO = re.compile(r"(?<![\w.+-])0(?:\.0)?\s*ah\b|\bah\s*0(?:\.0)?(?![\w.])|\b(?:pk|pick'?em|pick em)\b")
_LINE = re.compile(r"(?<![\w.])([+-](?:\d{1,2}(?:\.\d+)?|\.\d+))(?![\w.])")
_DECIMAL = re.compile(r"(?<![\w.+-])(\d{1,4}\.\d{1,4})(?![\w.])")
_BARE = re.compile(r"(?<![\w.+-])(\d{1,6})(?![\w.+])")
_PERIODS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(rf"(?<![\w]){words}(?![\w])"), code)
    for words, code in (
        (r"(?:1h|h1|(?:1st|first)\s+half)", "1h"),
        (r"(?:2h|h2|(?:2nd|second)\s+half)", "2h"),
        (r"(?:1q|q1|(?:1st|first)\s+quarter)", "1q"),
        (r"(?:2q|q2|(?:2nd|second)\s+quarter)", "2q"),
        (r"(?:3q|q3|(?:3rd|third)\s+quarter)", "3q"),
        (r"(?:4q|q4|(?:4th|fourth)\s+quarter)", "4q"),
        (r"(?:1p|p1|(?:1st|first)\s+period)", "1p"),
        (r"(?:2p|p2|(?:2nd|second)\s+period)", "2p"),
        (r"(?:3p|p3|(?:3rd|third)\s+period)", "3p"),
        (r"(?:f5|(?:1st|first)\s+(?:5|five))(?:\s+inn(?:ing)?s?)?", "f5"),
        (r"(?:f3|(?:1st|first)\s+(?:3|three))\s*(?:inn(?:ing)?s?)?", "f3"),
        (r"(?:f1|(?:1st|first)\s+inning)", "f1"),
        (r"(?:set\s*1|s1|(?:1st|first)\s+set)", "set1"),
        (r"(?:set\s*2|s2|(?:2nd|second)\s+set)", "set2"),
    )
)
_REGULATION = re.compile(r"\b(?:regulation(?:\s+time)?|reg(?:\s+time)?|60\s*min(?:ute)?s?|3[\s-]?way)\b")
_FIRST_INNING = re.compile(r"\b([ny])rfi\b")
"""No run, or a run, in the first inning: under or over half a run."""
_GAME_NUMBER = re.compile(r"\b(?:game|gm|g)\s*([12])\b")
_WORDS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\b(?:draw\s+no\s+bet|dnb)\b"), "no_bet"),
    (re.compile(r"\bor\s+(?:the\s+)?draw\b|\bdraw\s+or\b|\bdouble\s+chance\b"), "double"),
    (re.compile(r"\b(?:draw|x)\b"), "draw"),
    (re.compile(r"\bteam\s+totals?\b|\btt\b"), "team_total"),
    (re.compile(r"\bpuck\s*line\b|\bpl\b"), "puck_line"),
    (re.compile(r"\brun\s*line\b|\brl\b"), "run_line"),
    (re.compile(r"\bspread\b|\bats\b|\b(?:asian\s+)?handicap\b|\bah\b"), "spread"),
    (re.compile(r"\bml\b|\bmoney\s*line\b|\b(?:to\s+)?win\b|\b(?:to\s+)?beats?\b|\boutright\b"), "moneyline"),
)
_DIRECTION = re.compile(r"\b(over|under)\b")
_UNSCORED = re.compile(r"\bgames?\b|\brounds?\b|\brds?\b")
_SETS = re.compile(r"\bsets\b")


@dataclass(slots=True)
class Terms:
    """What the numbers and set phrases say; ``words`` are the names left, with MARK and separators between."""

    market: Market | None = None
    side: Side | None = None
    line_q: int | None = None
    odds: Odds | None = None
    amount_micro: int | None = None
    stake_mode: StakeMode | None = None
    other_stake: tuple[StakeMode, int] | None = None
    period: str = "game"
    regulation: bool = False
    counts_sets: bool = False
    milestone: bool = False
    game_number: int | None = None
    said: set[str] = field(default_factory=set)
    words: tuple[str, ...] = ()

    def interpretation(self) -> Interpretation:
        """What is said without knowing who is meant."""
        return Interpretation(
            market=self.market,
            side=self.side,
            line_q=self.line_q,
            odds=self.odds,
            amount_micro=self.amount_micro,
            stake_mode=self.stake_mode,
            period=self.period,
        )


def normal(text: str) -> str:
    """Lower case, one kind of dash and quote, halves as decimals, brackets and stray punctuation gone."""
    rest = text.lower().replace("½", ".5").replace("¼", ".25").replace("¾", ".75")
    rest = rest.translate(str.maketrans("−–—’`", "---''")).translate(str.maketrans('()[]*!?"', " " * 8))
    rest = re.sub(r"(?<=[a-z])(?=[+-]\.?\d)", " ", rest)
    return re.sub(r"(?<=[a-z])\s*\+\s*(?=[a-z])", "+", rest)


def take_terms(text: str) -> Terms:
    """Read the numbers of one pick. Raises InputError naming ``stake``, ``odds`` or ``line`` for a bad one."""
    terms = Terms()
    rest = normal(text)
    rest = _stake(rest, terms)
    rest = _spans(rest, terms)
    rest = _totals(rest, terms)
    rest = _prices(rest, terms)
    rest = _markets(rest, terms)
    rest = _lines(rest, terms)
    rest = _leftover_numbers(rest, terms)
    _conclude(terms)
    terms.words = tuple(
        MARK if word == MARK else "/" if word in SEPARATORS else word
        for word in re.findall(r"[a-z0-9&'.+\u00c0-\u024f-]+|[/|]", rest.replace("@", " / "))
        if word.strip(".+-'&")
    )
    return terms


def _stake(rest: str, terms: Terms) -> str:
    if found := _UNITS_TO_WIN.search(rest):
        terms.amount_micro, terms.stake_mode = parse_units(found[1]), StakeMode.TO_WIN
        if not re.match(r"\s*[\d.]", rest[found.end() :]):
            return _without(rest, found, "")
        terms.amount_micro, terms.stake_mode = None, None
    to_win = _TO_WIN.search(rest)
    risk = _RISK.search(rest if to_win is None else _without(rest, to_win, ""))
    if to_win and (risk is None or to_win[2] or _ODDS.search(rest)):
        terms.amount_micro, terms.stake_mode = parse_units(to_win[1]), StakeMode.TO_WIN
        rest = _without(rest, to_win, "")
    found = _RISK.search(rest)
    if found is None:
        return rest
    amount = parse_units(found[1])
    if terms.stake_mode is None:
        terms.amount_micro, terms.stake_mode = amount, StakeMode.RISK
    else:
        terms.other_stake = (StakeMode.RISK, amount)
    return _without(rest, found, "")


def _spans(rest: str, terms: Terms) -> str:
    for pattern, code in _PERIODS:
        if found := pattern.search(rest):
            terms.period = code
            rest = _without(rest, found, "")
            break
    if found := _REGULATION.search(rest):
        terms.regulation = True
        rest = _without(rest, found)
    if found := _GAME_NUMBER.search(rest):
        terms.game_number = int(found[1])
        rest = _without(rest, found, "")
    return rest


def _totals(rest: str, terms: Terms) -> str:
    if found := _FIRST_INNING.search(rest):
        terms.market, terms.line_q, terms.period = Market.TOTAL, 2, "f1"
        terms.side = Side.UNDER if found[1] == "n" else Side.OVER
        return _without(rest, found)
    if found := _TOTAL.search(rest):
        terms.market, terms.line_q = Market.TOTAL, parse_line(found[2])
        if found[3]:
            terms.line_q = _between(terms.line_q, parse_line(found[3]), found[0])
        terms.side = Side.OVER if found[1].startswith("o") else Side.UNDER
        return _without(rest, found)
    if found := _MILESTONE.search(rest):
        terms.market, terms.side, terms.milestone = Market.TOTAL, Side.OVER, True
        terms.line_q = 4 * int(found[1]) - 2
        return _without(rest, found)
    return rest


def _prices(rest: str, terms: Terms) -> str:
    found = _AT.search(rest)
    if found and found[1]:
        terms.odds = Odds.parse(found[1])
        return _without(rest, found)
    if found and found[2] and "/" not in found[2]:
        terms.said.add(f"@{found[2]}")
    if found := _ODDS.search(rest):
        terms.odds = Odds.parse(found[1] or found[2] or found[3])
        return _without(rest, found)
    return rest


def _markets(rest: str, terms: Terms) -> str:
    for pattern, name in _WORDS:
        if found := pattern.search(rest):
            terms.said.add(name)
            rest = _without(rest, found)
    if terms.market is None and (found := _DIRECTION.search(rest)):
        terms.market, terms.side = Market.TOTAL, Side.OVER if found[1] == "over" else Side.UNDER
        rest = _without(rest, found)
    if found := _SETS.search(rest):
        terms.counts_sets = True
        rest = _without(rest, found, "")
    return _UNSCORED.sub(" ", rest)


def _lines(rest: str, terms: Terms) -> str:
    if (found := _SPLIT.search(rest)) and terms.line_q is None:
        first, second = parse_line(found[1]), parse_line(found[2])
        if not found[2].startswith(("+", "-")) and found[1].startswith("-"):
            second = -second
        terms.market, terms.line_q = Market.SPREAD, _between(first, second, found[0])
        rest = _without(rest, found)
    elif (found := _ZERO.search(rest)) and terms.line_q is None:
        terms.market, terms.line_q = Market.SPREAD, 0
        rest = _without(rest, found)
    elif (found := _LINE.search(rest)) and terms.line_q is None and "moneyline" not in terms.said:
        terms.market, terms.line_q = Market.SPREAD, parse_line(found[1])
        rest = _without(rest, found)
    if left := _LINE.search(rest):
        raise OddsError(left[1], "American odds are +100 or more, or -100 or less")
    return rest


def _leftover_numbers(rest: str, terms: Terms) -> str:
    if terms.odds is None and (found := _DECIMAL.search(rest)):
        terms.odds = Odds.parse(found[1])
        rest = _without(rest, found)
    found = _BARE.search(rest)
    if found is None:
        return rest
    if terms.odds is None and (int(found[1]) >= 100 or int(found[1]) == 0):
        raise OddsError(found[1], "needs a sign (+150), a point (2.50) or a slash (3/2)")
    if terms.odds is not None and terms.amount_micro is None and not rest[found.end() :].strip():
        terms.amount_micro, terms.stake_mode = parse_units(found[1]), StakeMode.RISK
        return _without(rest, found, "")
    return rest


def _conclude(terms: Terms) -> None:
    """The market that the words and numbers amount to, as far as it does not hang on the league."""
    said = terms.said
    if "no_bet" in said:
        terms.market = Market.DRAW_NO_BET
    elif "double" in said:
        terms.market = Market.DOUBLE_CHANCE
    elif "draw" in said and terms.line_q is None:
        terms.market, terms.side = Market.MONEYLINE_3WAY, Side.DRAW
    elif terms.regulation and terms.line_q is None:
        terms.market = Market.MONEYLINE_3WAY
    elif terms.market is None and said & {"spread", "puck_line", "run_line"}:
        terms.market = Market.SPREAD
    elif terms.market is None and ("moneyline" in said or terms.odds is not None):
        terms.market = Market.MONEYLINE
    elif "team_total" in said and terms.market is Market.TOTAL:
        terms.market = Market.TEAM_TOTAL
    if terms.other_stake is not None and _agrees(terms):
        terms.other_stake = None


def _agrees(terms: Terms) -> bool:
    """Whether the risk typed is what the to-win typed costs at this price, to 2 %."""
    if terms.odds is None or terms.amount_micro is None or terms.other_stake is None:
        return False
    risk = reckoned(StakeMode.TO_WIN, terms.amount_micro, terms.odds).risk_micro
    return 50 * abs(risk - terms.other_stake[1]) <= risk


def _between(first_q: int, second_q: int, typed: str) -> int:
    """The quarter line of two neighbouring half and whole lines. Raises InputError (field ``line``)."""
    if abs(first_q - second_q) != 2:
        raise InputError("line", typed.strip(), "is not two neighbouring lines", "-0.5,-1")
    return (first_q + second_q) // 2


def _without(rest: str, found: re.Match[str], mark: str = MARK) -> str:
    return f"{rest[: found.start()]} {mark} {rest[found.end() :]}"
