"""Reading CSV files of other trackers: what is taken, and what is said of the rest."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from dbsbm.bets.imports.columns import TEMPLATE
from dbsbm.bets.imports.model import MAX_ROWS, ImportedBet, Reading
from dbsbm.bets.imports.reading import FileError, read
from dbsbm.betting.settlement import Grade

NOW = datetime(2026, 9, 13, 15, 0, tzinfo=UTC)
ZONE = ZoneInfo("America/New_York")
HEADER = "date,pick,odds,stake,result"


def reading(text: str | bytes, unit: int = 1) -> Reading:
    return read(text.encode() if isinstance(text, str) else text, ZONE, Fraction(unit), NOW)


def only(row: str, header: str = HEADER, unit: int = 1) -> ImportedBet:
    found = reading(f"{header}\n{row}\n", unit)
    assert found.problems == ()
    return found.bets[0]


def problem(row: str, header: str = HEADER) -> tuple[int, str, str]:
    found = reading(f"{header}\n{row}\n")
    assert found.bets == ()
    return found.problems[0].line, found.problems[0].column, found.problems[0].code


def test_the_template_is_what_the_reader_reads() -> None:
    found = reading("\n".join(",".join(row) for row in TEMPLATE))
    assert (found.problems, len(found.bets)) == ((), 2)
    first = found.bets[0]
    assert first.at == datetime(2026, 1, 11, 18, 0, tzinfo=UTC)
    assert (first.grade, first.profit_micro, first.league) == (Grade.WON, 1_818_182, "nfl")
    assert found.bets[1].at == datetime(2026, 1, 12, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Date,Selection,Price,Risk,Grade", "2026-01-11,Chiefs,-110,2,W"),
        ("time_placed_iso,bet_info,odds,amount,status", "2026-01-11T12:00:00-05:00,Chiefs,1.91,2,SETTLED_WIN"),
        ("Event Date;Bet Details;American Odds;Units;Bet Result", "01/11/2026;Chiefs;-110.0;2u;Win"),
        ("starts_at\tpick\todds\trisk_units\tgrade", "2026-01-11T17:00:00+00:00\tChiefs\t'-110\t2.0\twon"),
        ("DATE,PICK,ODDS,STAKE,W/L", '"2026-01-11","Chiefs, by 3","10/11","2.00",w'),
    ],
)
def test_names_and_ways_of_other_trackers_are_understood(header: str, row: str) -> None:
    bet = only(row, header)
    assert bet.grade is Grade.WON
    assert bet.stake.risk_micro == 2_000_000
    assert bet.at == datetime(2026, 1, 11, 17, 0, tzinfo=UTC)
    assert 1_810_000 <= bet.profit_micro <= 1_820_000


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("yesterday,Chiefs,-110,1,won", (2, "date", "date")),
        ("2026-13-01,Chiefs,-110,1,won", (2, "date", "date")),
        ("2027-01-01,Chiefs,-110,1,won", (2, "date", "when")),
        ("2026-01-01,Chiefs,abc,1,won", (2, "odds", "odds")),
        ("2026-01-01,Chiefs,1.00,1,won", (2, "odds", "odds")),
        ("2026-01-01,Chiefs,-110,lots,won", (2, "stake", "number")),
        ("2026-01-01,Chiefs,-110,-1,won", (2, "stake", "stake")),
        ("2026-01-01,Chiefs,-110,$50,won", (2, "stake", "money")),
        ("2026-01-01,Chiefs,-110,1,pending", (2, "result", "result")),
        ("2026-01-01,,-110,1,won", (2, "pick", "empty")),
        ("2026-01-01,Chiefs", (2, "odds", "empty")),
    ],
)
def test_a_wrong_row_is_named_with_its_column_and_reason(row: str, expected: tuple[int, str, str]) -> None:
    assert problem(row) == expected


def test_lines_are_counted_through_blank_lines_and_cells_of_several_lines() -> None:
    found = reading(f'{HEADER}\n\n2026-01-01,"Chiefs\nand Raiders",-110,1,won\n\n2026-01-01,x,y,1,won\n')
    assert found.bets[0].line == 3
    assert found.bets[0].pick == "Chiefs and Raiders"
    assert [each.line for each in found.problems] == [6]


def test_dates_that_can_only_be_days_first_decide_for_the_file() -> None:
    found = reading(f"{HEADER}\n03/04/2026,a,-110,1,won\n25/04/2026,b,-110,1,won\n")
    assert found.day_first is True
    assert found.bets[0].at.date().isoformat() == "2026-04-03"
    assert reading(f"{HEADER}\n03/04/2026 8:20 PM,a,-110,1,won\n").bets[0].at == datetime(2026, 3, 5, 1, 20, tzinfo=UTC)
    assert reading(f"{HEADER}\n25.04.2026,a,-110,1,won\n").bets[0].at.date().isoformat() == "2026-04-25"
    with pytest.raises(FileError, match="mixed_dates"):
        reading(f"{HEADER}\n25/04/2026,a,-110,1,won\n04/25/2026,b,-110,1,won\n")


def test_money_becomes_units_and_a_profit_that_disagrees_is_refused() -> None:
    header = f"{HEADER},profit"
    assert only('2026-01-01,a,+150,"$1,000.00",won,"$1,500.00"', header, unit=500).profit_micro == 3_000_000
    assert only("2026-01-01,a,-110,1,lost,(1.00)", header).profit_micro == -1_000_000
    assert problem("2026-01-01,a,-110,1,won,1.5", header) == (2, "profit", "profit")
    assert only("2026-01-01,a,150,1,half won,0.75", header).profit_micro == 750_000


def test_equal_rows_count_once_unless_a_reference_tells_them_apart() -> None:
    twice = reading(f"{HEADER}\n2026-01-01,a,-110,1,won\n2026-01-01,A,-110,1.0,W\n")
    assert (len(twice.bets), twice.repeated) == (1, 1)
    apart = reading(f"{HEADER},bet id\n2026-01-01,a,-110,1,won,1\n2026-01-01,a,-110,1,won,2\n")
    assert (len(apart.bets), apart.repeated) == (2, 0)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "columns"),
        (b"date,pick\n1,2\n", "columns"),
        (HEADER.encode(), "empty"),
        (b"\x89PNG\r\n\x1a\n\0\0", "text"),
        (f"{HEADER}\n".encode() + b"2026-01-01,a,-110,1,won\n" * (MAX_ROWS + 1), "rows"),
        (f'{HEADER}\n2026-01-01,"'.encode() + b"a" * 200_000, "broken"),
    ],
)
def test_a_file_that_is_no_table_of_bets_is_refused_as_a_whole(content: bytes, code: str) -> None:
    with pytest.raises(FileError, match=code):
        reading(content)


def test_files_of_spreadsheets_in_other_encodings_are_read() -> None:
    text = f"{HEADER}\n2026-01-01,Köln,-110,1,won\n"
    for encoding in ("utf-8-sig", "utf-16", "cp1252"):
        assert reading(text.encode(encoding)).bets[0].pick == "Köln"
