"""What was decided about a bet, in the room that a message leaves for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from dbsbm.bets.grading import DECIDED_BY_HAND
from dbsbm.bets.model import Decision
from dbsbm.betting.settlement import Grade
from dbsbm.commands.history import history_lines
from dbsbm.commands.words.catalogue import Words

AT = datetime(2026, 9, 14, 4, 0, tzinfo=UTC)


def decision(number: int, grade: Grade | None, action: str = "regrade", rule: str = DECIDED_BY_HAND) -> Decision:
    return Decision(number, action, grade, rule, "person", 9, AT + timedelta(hours=number), f"reason {number} " * 60)


def test_every_decision_is_told_oldest_first_with_its_rule() -> None:
    decisions = [
        Decision(1, "grade", Grade.WON, "SPREAD-FINAL", "auto", 1, AT),
        Decision(2, "regrade", Grade.LOST, DECIDED_BY_HAND, "person", 9, AT, "The score was corrected"),
        Decision(3, "undo", Grade.WON, "SPREAD-FINAL", "person", 9, AT),
        Decision(4, "undo", None, DECIDED_BY_HAND, "person", 9, AT),
    ]
    at = f"<t:{int(AT.timestamp())}:f>"
    assert history_lines(decisions, Words(), 4000) == [
        f"Graded **Won** by <@1> {at} (SPREAD-FINAL)",
        f"Graded **Lost** by <@9> {at} – The score was corrected",
        f"Decision taken back by <@9> {at}: **Won** again (SPREAD-FINAL)",
        f"Grade taken back by <@9> {at}",
    ]


def test_a_long_history_keeps_the_newest_and_counts_the_others() -> None:
    decisions = [decision(number, Grade.WON) for number in range(1, 31)]
    for room in (4000, 1500, 700, 300, 120):
        lines = history_lines(decisions, Words(), room)
        assert len("\n".join(lines)) <= room
        assert "reason 30" in lines[-1]
        assert lines[0] == f"{30 - (len(lines) - 1)} decisions before these"


def test_without_a_decision_or_room_there_is_no_history() -> None:
    assert history_lines([], Words(), 4000) == []
    assert history_lines([decision(1, Grade.WON)], Words(), 10) == []
