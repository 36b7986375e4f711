"""The ledger only grows, and its sums are what the standing grades alone would give."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbsbm.betting.ledger import Entry, EntryKind, Totals, grade_entries, standing, totals, undo_entries
from dbsbm.betting.outcome import Grade
from dbsbm.betting.settlement import Settlement, settle_as
from dbsbm.betting.stakes import Stake, StakeMode
from dbsbm.core.errors import ConflictError
from tests.unit.betting.build import amounts, prices


def _settlement(stake: Stake, grade: Grade, odds: object) -> Settlement:
    returned, profit = settle_as(stake, odds, grade)  # type: ignore[arg-type]
    return Settlement(grade, "PERSON", returned, profit)


bets = st.builds(lambda odds, amount: (odds, Stake.of(StakeMode.RISK, amount, odds)), prices, amounts)


@given(bets, st.lists(st.sampled_from(Grade), max_size=12))
def test_after_any_regrades_only_the_last_counts(bet: tuple[object, Stake], grades: list[Grade]) -> None:
    odds, stake = bet
    entries: tuple[Entry, ...] = ()
    for grade in grades:
        entries += grade_entries(1, entries, _settlement(stake, grade, odds))
    if not grades:
        assert totals(entries) == Totals(0, 0, 0, 0)
        return
    last = _settlement(stake, grades[-1], odds)
    assert totals(entries) == Totals(1, stake.risk_micro, last.return_micro, last.profit_micro)


@given(bets, st.sampled_from(Grade), st.sampled_from(Grade))
def test_a_regrade_and_its_undo_are_the_identity(bet: tuple[object, Stake], first: Grade, second: Grade) -> None:
    odds, stake = bet
    before = grade_entries(1, (), _settlement(stake, first, odds))
    added = grade_entries(1, before, _settlement(stake, second, odds))
    after = before + added
    if added:
        after += undo_entries(after)
    assert totals(after) == totals(before)
    current = standing(after)
    assert current is not None
    assert current.grade is first


@given(bets, st.sampled_from(Grade))
def test_a_grade_and_its_undo_leave_the_bet_open(bet: tuple[object, Stake], grade: Grade) -> None:
    odds, stake = bet
    entries = grade_entries(1, (), _settlement(stake, grade, odds))
    entries += undo_entries(entries)
    assert totals(entries) == Totals(0, 0, 0, 0)
    assert standing(entries) is None
    with pytest.raises(ConflictError):
        undo_entries(entries)


def test_the_same_grade_again_changes_no_total() -> None:
    settlement = Settlement(Grade.WON, "ML-FINAL", 2, 1)
    entries = grade_entries(1, (), settlement)
    again = (*entries, *grade_entries(1, entries, settlement))
    assert [entry.kind for entry in again] == [EntryKind.GRADE, EntryKind.REVERSAL, EntryKind.GRADE]
    assert totals(again) == totals(entries)


def test_every_entry_has_a_key_of_its_own() -> None:
    entries: tuple[Entry, ...] = ()
    for grade in (Grade.WON, Grade.LOST, Grade.PUSH):
        entries += grade_entries(1, entries, Settlement(grade, "PERSON", 1, 0))
    entries += undo_entries(entries)
    assert len({(entry.grade_seq, entry.kind) for entry in entries}) == len(entries)
    assert [entry.kind for entry in entries if entry.grade_seq == 1] == [EntryKind.GRADE]


def test_profit_stays_return_less_risk_over_many_events() -> None:
    """100,000 grades, re-grades and undos of 5,000 bets."""
    chance = random.Random(7)
    ledgers: list[tuple[Entry, ...]] = [()] * 5_000
    total = Totals(0, 0, 0, 0)
    for _ in range(100_000):
        number = chance.randrange(len(ledgers))
        if standing(ledgers[number]) is not None and chance.random() < 0.3:
            added = undo_entries(ledgers[number])
        else:
            risk = 1_000_000
            returned = chance.choice((0, risk // 2, risk, 1_909_091))
            settlement = Settlement(chance.choice(tuple(Grade)), "PERSON", returned, returned - risk)
            added = grade_entries(number, ledgers[number], settlement)
        ledgers[number] += added
        new = totals(added)
        total = Totals(
            total.bets + new.bets,
            total.risk_micro + new.risk_micro,
            total.return_micro + new.return_micro,
            total.profit_micro + new.profit_micro,
        )
    assert total.profit_micro == total.return_micro - total.risk_micro
    left = [entry for entry in map(standing, ledgers) if entry is not None]
    assert total == totals(left)
