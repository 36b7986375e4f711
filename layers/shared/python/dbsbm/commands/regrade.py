"""Another grade for a bet that has one: only with a reason, which stands in the bet's history."""

from __future__ import annotations

from dbsbm.bets.disputes.model import SAID_MAX
from dbsbm.bets.grading import ticket_grades
from dbsbm.betting.settlement import Grade
from dbsbm.commands.dispute import spoken
from dbsbm.commands.grade import FUNCTION, check_second_person, graded, not_possible, ruling_of
from dbsbm.commands.slip import grade_name
from dbsbm.commands.tracked import Tracked, tracked
from dbsbm.core.errors import ConflictError
from dbsbm.discord import components, custom_id
from dbsbm.discord.definitions import Context, Reply, Result, Who, component, modal


@component("grade.change", args=(int, int, Grade), who=Who.GRADER, function=FUNCTION, answers="modal")
def open_form(ctx: Context, bet_id: int, seen_seq: int, decided: Grade) -> Result:
    seen = _checked(ctx, bet_id, decided)
    form = components.modal(
        custom_id.build("grade.change", bet_id, seen_seq, decided),
        seen.words.plain("case.form", what=grade_name(decided, seen.words)),
        components.paragraph(seen.words.plain("case.why"), "reason", max_length=SAID_MAX),
    )
    return Result(Reply("modal", form))


@modal("grade.change", args=(int, int, Grade), who=Who.GRADER, function=FUNCTION, answers="update")
def change(ctx: Context, bet_id: int, seen_seq: int, decided: Grade) -> Result:
    seen = _checked(ctx, bet_id, decided)
    reason = spoken(ctx, "reason", seen.words).text
    return graded(ctx, seen, seen_seq, ruling_of(ctx, seen, decided), reason)


def _checked(ctx: Context, bet_id: int, decided: Grade) -> Tracked:
    """The bet, for somebody who may decide so. Raises NotAllowedError, ConflictError."""
    seen = tracked(ctx, bet_id)
    check_second_person(ctx, seen)
    if decided not in ticket_grades(seen.bet, ctx.interaction.created_at):
        raise ConflictError(not_possible(seen, decided))
    return seen
