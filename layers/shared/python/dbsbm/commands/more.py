"""⋯ on a slip: a private panel with what the person may do: grade, propose, correct, withdraw, dispute, share."""

from __future__ import annotations

from dbsbm.commands import answers, details, dispute, grade, rights, share, slip_link
from dbsbm.commands.slip import ticket_text
from dbsbm.commands.tracked import Tracked, tracked
from dbsbm.discord import components
from dbsbm.discord.definitions import Context, Json, Result, Who, component

FUNCTION = grade.FUNCTION


@component("slip.more", args=(int,), who=Who.MEMBER, function=FUNCTION, answers="message")
def show(ctx: Context, bet_id: int) -> Result:
    """Each button checks the right again when it is pressed."""
    seen = tracked(ctx, bet_id)
    _, disputes = dispute.of_details(ctx, seen)
    more = [*details.of_capper(ctx, seen), *disputes, *slip_link.of_panel(ctx, seen)]
    rows = [components.row(*more)] if more else []
    return Result(answers.private(*_panel(ctx, seen), *rows, *share.of_sharer(ctx, seen)))


def _panel(ctx: Context, seen: Tracked) -> list[Json]:
    own, grader = seen.bet.capper_id == ctx.person.user_id, rights.is_grader(ctx.person, seen.guild)
    if grader or (own and seen.bet.state == "open"):
        return grade.panel(ctx, seen)
    pick = ticket_text(seen.bet.terms.ticket, seen.guild, seen.words)
    said = seen.words("propose.decided") if own else rights.admin_words(seen.words, seen.guild)
    return [components.text(f"{pick}\n{said}")]
