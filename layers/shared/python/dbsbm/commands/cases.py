"""What those who grade decide about a case: on its card in their channel, or in ``/disputes``."""

from __future__ import annotations

from dataclasses import replace

from dbsbm.bets.disputes.model import SAID_MAX, CaseMovedOnError, Dispute, Step, Verdict
from dbsbm.bets.disputes.repository import DisputeRepository
from dbsbm.bets.disputes.service import Cases
from dbsbm.bets.grading import Decider, ticket_grades
from dbsbm.betting.settlement import Grade
from dbsbm.commands import answers, case_card, rights
from dbsbm.commands.dispute import FUNCTION, moved_on, spoken
from dbsbm.commands.grade import check_second_person, ruling_of, stamp_of
from dbsbm.commands.results import result_cards
from dbsbm.commands.slip import grade_name
from dbsbm.commands.stamps import notice
from dbsbm.commands.tracked import Tracked, tracked
from dbsbm.commands.words.catalogue import Words
from dbsbm.core.errors import ConflictError, NotAllowedError
from dbsbm.discord import components, custom_id
from dbsbm.discord.definitions import Context, Reply, Result, Who, component, modal

_ARGS = (int, int, int)  # case, its version, the bet's decisions


@component("dispute.decide", args=(*_ARGS, Verdict), who=Who.GRADER, function=FUNCTION, answers="modal")
def ask_why(ctx: Context, dispute_id: int, version: int, seen_seq: int, verdict: Verdict) -> Result:
    return _form(ctx, dispute_id, version, seen_seq, verdict)


@component("dispute.regrade", args=_ARGS, who=Who.GRADER, function=FUNCTION, answers="modal")
def choose(ctx: Context, dispute_id: int, version: int, seen_seq: int) -> Result:
    # The values of a select come from the client: what it names is checked like a button's.
    verdict = next((each for each in Verdict if each.grade and each.value == ctx.interaction.values[0]), Verdict.ASK)
    return _form(ctx, dispute_id, version, seen_seq, verdict)


@modal("dispute.decide", args=(*_ARGS, Verdict), who=Who.GRADER, function=FUNCTION)
def decide(ctx: Context, dispute_id: int, version: int, seen_seq: int, verdict: Verdict) -> Result:
    case, seen = _case(ctx, dispute_id)
    _check(ctx, case, seen, verdict)
    cases, said = Cases(ctx.session, seen.guild.guild_id), spoken(ctx, "reason", seen.words)
    try:
        held, bet = cases.held(dispute_id, version, seen_seq)
    except CaseMovedOnError as error:
        raise ConflictError(seen.words("dispute.moved_on_late")) from error
    seen = replace(seen, bet=bet)
    if verdict is Verdict.ASK:
        asked = cases.say(held, Step.ASKED, said)
        posts = [*case_card.posts(ctx, seen, asked), *case_card.told_opener(ctx, seen, asked)]
        return Result(answers.said(seen.words("case.done_ask")), posts)
    grade = verdict.grade
    if grade is None:
        closed, bet = cases.close(held, Step.UPHELD, said)
        seen = replace(seen, bet=bet)
        posts = [stamp_of(ctx, seen, bet), *case_card.posts(ctx, seen, closed)]
        done = seen.words("case.done_uphold", grade=grade_name(bet.grade, seen.words))
        return Result(answers.said(done), (*posts, *case_card.told_opener(ctx, seen, closed)))
    by = Decider(ctx.person.user_id, said.at, ctx.interaction.id, reason=said.text)
    closed, bet = cases.regrade(held, bet, ruling_of(ctx, seen, grade), by)
    return _regraded(ctx, replace(seen, bet=bet), closed, grade)


def _regraded(ctx: Context, seen: Tracked, closed: Dispute, grade: Grade) -> Result:
    """The slip, the channel's notice, the result card, the case and its opener."""
    bet, decision = seen.bet, seen.bets.last_word(seen.bet.bet_id)
    posts = [stamp_of(ctx, seen, bet), *result_cards(ctx, seen.guild, [bet])]
    if decision is not None:
        posts.append(notice(bet, seen.guild, decision, seen.capper.display_name))
    posts += [*case_card.posts(ctx, seen, closed), *case_card.told_opener(ctx, seen, closed)]
    return Result(answers.said(seen.words("case.done_regrade", grade=grade_name(grade, seen.words))), posts)


def _form(ctx: Context, dispute_id: int, version: int, seen_seq: int, verdict: Verdict) -> Result:
    """The form for the reason; on an old card the card as it stands now."""
    case, seen = _case(ctx, dispute_id)
    if moved_on(case, seen, version, seen_seq):
        shown = replace(seen, words=Words(seen.guild.locale))
        controls = case_card.grader_controls(ctx, seen.bet, case, shown.words)
        return Result(answers.redrawn(*case_card.drawn(ctx, shown, case), *controls))
    _check(ctx, case, seen, verdict)
    words = seen.words
    asked = verdict is Verdict.ASK
    title = grade_name(verdict.grade, words) if verdict.grade else words.plain(f"case.{verdict.value}")
    label = words.plain("case.what_more" if asked else "case.why")
    form = components.modal(
        custom_id.build("dispute.decide", dispute_id, version, seen_seq, verdict),
        words.plain("case.form", what=title),
        components.paragraph(label, "reason", max_length=SAID_MAX),
    )
    return Result(Reply("modal", form))


def _case(ctx: Context, dispute_id: int) -> tuple[Dispute, Tracked]:
    case = DisputeRepository(ctx.session, rights.guild_id_of(ctx)).case(dispute_id)
    return case, tracked(ctx, case.bet_id)


def _check(ctx: Context, case: Dispute, seen: Tracked, verdict: Verdict) -> None:
    """Nobody decides in an own cause, and nothing that the bet's market cannot come to.

    Raises
    ------
    NotAllowedError, ConflictError
    """
    check_second_person(ctx, seen)
    if case.opened_by == ctx.person.user_id and not seen.guild.self_grading:
        raise NotAllowedError(seen.words("case.own"))
    bet, grade = seen.bet, verdict.grade
    impossible = grade is not None and grade not in ticket_grades(bet, ctx.interaction.created_at)
    if impossible or grade is bet.grade is not None or (verdict is Verdict.UPHOLD and bet.grade is None):
        raise ConflictError(seen.words("case.not_possible"))
