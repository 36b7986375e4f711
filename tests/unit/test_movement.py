"""How lines moved: the middle of the books that stood at each moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from dbsbm.betting.markets import Market, Side
from dbsbm.games.movement import MAX_POINTS, Snapshot, curves

START = datetime(2026, 9, 10, 12, 0, tzinfo=UTC)


def spread(book: str, minutes: int, line_q: int, price: Fraction | None = Fraction(21, 11)) -> Snapshot:
    return Snapshot(book, Market.SPREAD, Side.HOME, START + timedelta(minutes=minutes), line_q, price)


def test_the_middle_of_the_books_is_followed_and_a_book_that_closes_drops_out() -> None:
    (curve,) = curves([spread("a", 0, -12), spread("b", 5, -14), spread("c", 6, -14), spread("b", 9, -14, None)])

    assert [(at - START, int(value)) for at, value in curve.points] == [
        (timedelta(0), -12),
        (timedelta(minutes=5), -14),
    ]


def test_a_price_without_a_line_is_followed_itself_and_what_nobody_offers_has_no_curve() -> None:
    price = Snapshot("a", Market.MONEYLINE, Side.HOME, START, 0, Fraction(12, 5))

    (curve,) = curves([price])
    assert (curve.market, curve.points) == (Market.MONEYLINE, ((START, Fraction(12, 5)),))
    assert curves([spread("a", 0, -12, None)]) == []


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(-40, 40)), min_size=1, max_size=300))
def test_a_curve_is_short_in_order_and_ends_where_the_books_stand(drawn: list[tuple[str, int]]) -> None:
    (curve,) = curves([spread(book, minute, line) for minute, (book, line) in enumerate(drawn)])

    times = [at for at, _ in curve.points]
    last = sorted(dict(drawn).values())
    assert len(curve.points) <= MAX_POINTS
    assert times == sorted(set(times))
    assert curve.points[-1][1] == last[(len(last) - 1) // 2]
