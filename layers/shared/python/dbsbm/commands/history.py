"""What was decided about a bet, as people read it: who, when, what, by which rule and why."""

from __future__ import annotations

from collections.abc import Sequence

from dbsbm.bets.grading import DECIDED_BY_HAND, OWN
from dbsbm.bets.model import Decision
from dbsbm.commands import wording
from dbsbm.commands.slip import grade_name
from dbsbm.commands.words.catalogue import Markdown, Words
from dbsbm.discord import components

_MOST = 8
"""Of a bet's decisions, the newest; the rest is counted."""
_REASONS = (120, 60, 20)
"""How long a reason may be, tried one after another."""
_SENTENCE = {
    (False, False): "history.grade",
    (True, True): "history.undo",
    (True, False): "history.restored",
}
"""By whether the decision took one back, and whether it left the bet open."""


def history_line(decision: Decision | None, words: Words, most: int = _REASONS[0]) -> str:
    """One decision, its reason in as many characters; empty while nobody decided."""
    if decision is None:
        return ""
    values = {
        "user": wording.mention(decision.decided_by),
        "when": wording.moment(decision.decided_at),
        "grade": grade_name(decision.grade, words),
    }
    parts = [words(_SENTENCE[decision.action == "undo", decision.grade is None], **values)]
    if decision.rule and decision.rule != DECIDED_BY_HAND:
        parts.append(words("history.rule", rule=decision.rule))
    if decision.source == OWN:
        parts.append(words("history.own"))
    if decision.reason:
        parts.append(words("history.why", reason=components.cut(decision.reason, most)))
    return Markdown(" ".join(parts))


def history_lines(decisions: Sequence[Decision], words: Words, room: int) -> list[str]:
    """The history of a bet, oldest first, in so many characters: reasons are shortened first, then old ones counted."""
    shown = list(decisions[-_MOST:])
    while shown:
        for most in _REASONS:
            lines = [history_line(each, words, most) for each in shown]
            if len(shown) < len(decisions):
                lines.insert(0, words("history.earlier", count=len(decisions) - len(shown)))
            if len("\n".join(lines)) <= room:
                return lines
        shown = shown[1:]
    return []
