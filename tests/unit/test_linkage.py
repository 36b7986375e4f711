"""The gate of a data set, and what an attacker who knows everybody's exact numbers can do with what passed it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from random import Random

import pytest

from dbsbm.anonymity import gate
from dbsbm.anonymity.attack import TELLS, Attack, K, Owned, Record, Shape, attack
from dbsbm.anonymity.gate import GateError, L, released
from dbsbm.anonymity.operations import band

SHAPE = Shape(("community", "bets"), ("result",))
COMMUNITY, BETS = (5, 20, 100), (10, 50)
RESULTS = ("<-10", "-10–0", "0–10", "≥10")


def somebody(name: str, community: int, bets: int, result: str) -> Owned:
    row = {"community": band(community, COMMUNITY), "bets": band(bets, BETS), "result": result}
    return Owned(name, {"community": community, "bets": bets}, row)


def crowd(count: int, seed: int = 3) -> list[Owned]:
    draw = Random(seed)
    return [
        somebody(str(n), draw.choice([4, 12, 55, 300]), draw.choice([3, 7, 20, 80]), draw.choice(RESULTS))
        for n in range(count)
    ]


def alike(community: int, bets: int, *results: str) -> list[Owned]:
    return [somebody(f"{community} {bets} {n}", community, bets + n, each) for n, each in enumerate(results)]


LONELY = alike(4, 5_000, "<-10", "≥10", "<-10", "≥10")
"""Four who bet more than anybody."""
OF_ONE_MIND = alike(1_000, 1_000, *["≥10"] * 9)
NEARLY = alike(30, 1_000, *["≥10"] * 9, "<-10")
REGULARS = [each for each in crowd(600) if each.known["bets"] < 50]
EVERYBODY = [*REGULARS, *LONELY, *OF_ONE_MIND, *NEARLY]


def wins(rows: Sequence[Record], sought: Sequence[Owned]) -> tuple[bool, bool]:
    """Whether somebody's row, or what it says, is named more surely than it may be; from rows and numbers alone."""
    near: Mapping[tuple[str, str], list[Record]] = defaultdict(list)
    for row in rows:
        near[row["community"], row["bets"]].append(row)
    base = max(Counter(row["result"] for row in rows).values()) / len(rows)
    right: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for person in sought:
        place = band(person.known["community"], COMMUNITY), band(person.known["bets"], BETS)
        if place in near:
            guess = Counter(row["result"] for row in near[place]).most_common(1)[0][0]
            right[place].append(person.row["result"] == guess)
    named = any(1 / len(near[place]) > 1 / K for place in right)
    told = any(sum(each) / len(each) > base + TELLS * (1 - base) + 1e-9 for each in right.values())
    return named, told


def test_what_leaves_has_five_alike_and_two_results_and_the_attack_loses(figure: Callable[[str], None]) -> None:
    gone = released(EVERYBODY, SHAPE)
    classes = Counter((row["community"], row["bets"]) for row in gone.rows)
    assert min(classes.values()) == gone.k >= 5
    assert gone.suppressed == len(LONELY + OF_ONE_MIND + NEARLY) == len(EVERYBODY) - len(gone.rows)
    assert not any(row["bets"] == "≥50" for row in gone.rows)
    assert {tuple(row) for row in gone.rows} == {SHAPE.said}
    assert wins(gone.rows, EVERYBODY) == (False, False)
    right, base = gone.attack.told["result"]
    assert gone.attack.found <= 1 / K
    assert base < right <= base + TELLS * (1 - base)
    figure(
        f"linkage of {len(gone.rows)} rows: a row is named with {gone.attack.found:.3f}, allowed {1 / K:g}; "
        f"a result with {right:.3f}, without a class {base:.3f}, allowed {base + TELLS * (1 - base):.3f}"
    )


def no_more(_rows: Sequence[Owned], _shape: Shape, _k: int) -> Attack:
    """An attack that finds nothing, so that nothing is held back for it."""
    return Attack(0, {}, frozenset())


def of_k_alone(group: Sequence[Owned], _shape: Shape, k: int, _least: int) -> bool:
    return len({each.person for each in group}) >= k


def of_l_alone(group: Sequence[Owned], _shape: Shape, _k: int, least: int) -> bool:
    return len({each.row["result"] for each in group}) >= least


@pytest.mark.parametrize(
    ("meets", "named", "told"),
    [(lambda *_: True, True, True), (of_k_alone, False, True), (of_l_alone, True, True)],
    ids=["open", "without l", "without k"],
)
def test_where_the_gate_is_open_the_attack_wins_and_holds_back_what_it_would_win(
    monkeypatch: pytest.MonkeyPatch, meets: Callable[..., bool], named: bool, told: bool
) -> None:
    monkeypatch.setattr(gate, "_meets", meets)
    held = released(EVERYBODY, SHAPE)
    assert wins(held.rows, EVERYBODY) == (False, False), "the attack stands behind k and l"
    monkeypatch.setattr(gate, "attack", no_more)
    assert wins(released(EVERYBODY, SHAPE).rows, EVERYBODY) == (named, told)


@pytest.mark.parametrize(
    ("group", "found"), [(LONELY, 1 / 4), (OF_ONE_MIND, 1 / 9), (NEARLY, 1 / 10)], ids=["k", "l", "nearly"]
)
def test_the_attack_names_those_whom_the_gate_would_hold_back(group: list[Owned], found: float) -> None:
    tried = attack([*REGULARS, *group], SHAPE)
    assert tried.lost == {SHAPE.class_of(group[0].row)}
    assert tried.found == found


def test_a_number_that_was_left_as_it_is_finds_its_owner() -> None:
    exact = [
        Owned(each.person, each.known, {**each.row, "bets": str(1_000 + n)})
        for n, each in enumerate(alike(30, 1_000, *RESULTS * 3))
    ]
    assert attack(exact, SHAPE).found == 1
    assert released(exact, SHAPE).rows == ()


def test_five_rows_of_one_person_are_one_person() -> None:
    of_one = [Owned("one", each.known, each.row) for each in alike(30, 60, *RESULTS, *RESULTS)]
    assert released(of_one, SHAPE).rows == ()


def test_somebody_who_fills_a_class_would_be_found_and_their_class_stays() -> None:
    filled = [*alike(30, 60, *RESULTS, "≥10"), *[somebody("30 60 0", 30, 60, RESULTS[n % 4]) for n in range(20)]]
    gone = released([*REGULARS, *filled], SHAPE)
    assert attack([*REGULARS, *filled], SHAPE).found == 21 / 25
    assert len(gone.rows) == len(released(REGULARS, SHAPE).rows)


@pytest.mark.parametrize(("k", "least"), [(K - 1, L), (K, L - 1)])
def test_the_gate_is_never_opened_wider(k: int, least: int) -> None:
    with pytest.raises(GateError):
        released(EVERYBODY, SHAPE, k, least)


def test_a_row_without_a_column_does_not_leave() -> None:
    with pytest.raises(GateError, match="columns"):
        released([Owned("a", {"community": 4}, {"community": "<5", "bets": "<10", "result": "≥10"})], SHAPE)
