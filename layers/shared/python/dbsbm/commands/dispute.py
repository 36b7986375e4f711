"""*Dispute* in a graded bet's Details: the side of those whom the bet concerns, and ``/disputes``."""

from __future__ import annotations

from dataclasses import replace

from dbsbm.bets.disputes.model import SAID_MAX, CaseMovedOnError, Dispute, RefusedError, Step
from dbsbm.bets.disputes.repository import DisputeRepository
from dbsbm.bets.disputes.service import Cases, Said
from dbsbm.commands import answers, case_card, rights, wording
from dbsbm.commands.grade import stamp_of
from dbsbm.commands.tracked import Tracked, tracked
from dbsbm.commands.words.catalogue import Words
from dbsbm.core.errors import ConflictError, InputError, NotFoundError
from dbsbm.discord import components, custom_id
from dbsbm.discord.components import Choice, Style, cut
from dbsbm.discord.definitions import Context, Json, Reply, Result, Who, command, component, modal
from dbsbm.guilds.repository import GuildRepository

FUNCTION = "command_betting"
_OWN = 10
_WAITING = 15
_OF_BET = 3


@component("dispute.open", args=(int,), who=Who.MEMBER, function=FUNCTION, answers="modal")
def open_form(ctx: Context, bet_id: int) -> Result:
    seen = tracked(ctx, bet_id)
    refused = Cases(ctx.session, seen.guild.guild_id).refusal(seen.bet, ctx.person.user_id, ctx.interaction.created_at)
    if refused is not None:
        raise _refused(RefusedError(refused), seen)
    words = seen.words
    wire = custom_id.build("dispute.open", bet_id, seen.bet.grade_seq)
    return Result(Reply("modal", _form(wire, words.plain("dispute.title"), words.plain("dispute.reason"), words)))


@modal("dispute.open", args=(int, int), who=Who.MEMBER, function=FUNCTION)
def file(ctx: Context, bet_id: int, seen_seq: int) -> Result:
    seen = tracked(ctx, bet_id)
    said = spoken(ctx, "reason", seen.words)
    try:
        case, bet = Cases(ctx.session, seen.guild.guild_id).open(ctx.ids.new(), bet_id, seen_seq, said)
    except RefusedError as error:
        raise _refused(error, seen) from error
    except CaseMovedOnError as error:
        raise ConflictError(seen.words("dispute.regraded_since")) from error
    seen = replace(seen, bet=bet)
    there = seen.words("dispute.filed" if seen.guild.admin_channel_id else "dispute.filed_no_channel")
    return Result(answers.said(there), (stamp_of(ctx, seen, bet), *case_card.posts(ctx, seen, case)))


@component("dispute.answer", args=(int, int, int), who=Who.MEMBER, function=FUNCTION, answers="modal")
def open_answer(ctx: Context, dispute_id: int, version: int, seen_seq: int) -> Result:
    case, seen = own_case(ctx, dispute_id)
    if moved_on(case, seen, version, seen_seq):
        return redrawn(ctx, case, seen)
    words = seen.words
    wire = custom_id.build("dispute.answer", dispute_id, version, seen_seq)
    return Result(
        Reply("modal", _form(wire, words.plain("dispute.answer_title"), words.plain("dispute.answer"), words))
    )


@modal("dispute.answer", args=(int, int, int), who=Who.MEMBER, function=FUNCTION, answers="update")
def answer(ctx: Context, dispute_id: int, version: int, seen_seq: int) -> Result:
    case, seen = own_case(ctx, dispute_id)
    cases = Cases(ctx.session, seen.guild.guild_id)
    try:
        held, _ = cases.held(dispute_id, version, seen_seq)
    except CaseMovedOnError:
        return redrawn(ctx, case, seen)
    said = cases.say(held, Step.ANSWERED, spoken(ctx, "reason", seen.words))
    return Result(redrawn(ctx, said, seen, note="").reply, case_card.posts(ctx, seen, said))


@component("dispute.take_back", args=(int, int, int), who=Who.MEMBER, function=FUNCTION)
def take_back(ctx: Context, dispute_id: int, version: int, seen_seq: int) -> Result:
    case, seen = own_case(ctx, dispute_id)
    cases = Cases(ctx.session, seen.guild.guild_id)
    try:
        held, _ = cases.held(dispute_id, version, seen_seq)
    except CaseMovedOnError:
        return redrawn(ctx, case, seen)
    said = Said(ctx.person.user_id, ctx.clock.now(), "")
    closed, bet = cases.close(held, Step.TAKEN_BACK, said)
    seen = replace(seen, bet=bet)
    posts = (stamp_of(ctx, seen, bet), *case_card.posts(ctx, seen, closed))
    return Result(redrawn(ctx, closed, seen, note="").reply, posts)


@command(
    "disputes", "Cases about grades: your own, and for those who grade what waits", who=Who.MEMBER, function=FUNCTION
)
def listed(ctx: Context) -> Result:
    words = Words(ctx.person.locale)
    guild = rights.ready(GuildRepository(ctx.session, rights.guild_id_of(ctx)).guild(), words)
    cases = DisputeRepository(ctx.session, guild.guild_id)
    waiting = list(cases.under_way(_WAITING)) if rights.is_grader(ctx.person, guild) else []
    own = [case for case in cases.of_opener(ctx.person.user_id, _OWN) if case not in waiting]
    if not waiting and not own:
        return Result(answers.said(words("dispute.none")))
    lines = [words("dispute.list", waiting=len(waiting), own=len(own))]
    if waiting and guild.admin_channel_id is None:
        lines.append(words("dispute.no_channel"))
    choices = []
    for case in (*waiting, *own):
        seen = tracked(ctx, case.bet_id)
        name = wording.summary(seen.bet.terms.ticket, guild.odds_format, words)
        state = words.plain(f"case.state_{case.state.value}")
        choices.append(Choice(cut(name, 90), str(case.dispute_id), description=f"{state} · {seen.capper.display_name}"))
    select = components.select(custom_id.build("dispute.show"), choices, words.plain("dispute.choose"))
    return Result(answers.private(components.text("\n".join(lines)), select))


@component("dispute.show", who=Who.MEMBER, function=FUNCTION)
def show(ctx: Context) -> Result:
    typed = ctx.interaction.values[0]
    cases = DisputeRepository(ctx.session, rights.guild_id_of(ctx))
    case = cases.case(int(typed) if typed.isdigit() and len(typed) < 20 else 0)
    seen = tracked(ctx, case.bet_id)
    if ctx.person.user_id not in (case.opened_by, seen.bet.capper_id) and not rights.is_grader(ctx.person, seen.guild):
        raise NotFoundError("somebody else's case")
    return redrawn(ctx, case, seen, note="")


def of_details(ctx: Context, seen: Tracked) -> tuple[list[str], list[Json]]:
    """The lines of a bet's Details about its cases, and the button that opens one, for those who may."""
    cases = DisputeRepository(ctx.session, seen.guild.guild_id)
    lines: list[str] = []
    for case in reversed(cases.of_bet(seen.bet.bet_id, _OF_BET)):
        lines.append(seen.words("dispute.details", state=seen.words.plain(f"case.state_{case.state.value}")))
        events = cases.events(case.dispute_id)
        lines.extend(
            case_card.step_line(event, seen.words) for event in (events if len(events) < 3 else (events[0], events[-1]))
        )
    refused = Cases(ctx.session, seen.guild.guild_id).refusal(seen.bet, ctx.person.user_id, ctx.interaction.created_at)
    if refused is not None:
        return lines, []
    target = custom_id.build("dispute.open", seen.bet.bet_id)
    return lines, [components.button(seen.words.plain("dispute.button"), target, Style.DANGER)]


def own_case(ctx: Context, dispute_id: int) -> tuple[Dispute, Tracked]:
    """A case that the person opened. Raises NotFoundError."""
    case = DisputeRepository(ctx.session, rights.guild_id_of(ctx)).case(dispute_id)
    if case.opened_by != ctx.person.user_id:
        raise NotFoundError("somebody else's case")
    return case, tracked(ctx, case.bet_id)


def moved_on(case: Dispute, seen: Tracked, version: int, seen_seq: int) -> bool:
    """Whether the case or the bet is not any more as a button's reader saw them."""
    return case.version != version or not case.state.under_way or seen.bet.grade_seq != seen_seq


def redrawn(ctx: Context, case: Dispute, seen: Tracked, note: str = "dispute.moved_on") -> Result:
    """The case as it stands now, with what this person may do about it."""
    head = [components.text(seen.words(note))] if note else []
    controls = (
        case_card.grader_controls(ctx, seen.bet, case, seen.words) if rights.is_grader(ctx.person, seen.guild) else []
    )
    if case.opened_by == ctx.person.user_id:
        controls = [*controls, *case_card.opener_controls(seen.bet, case, seen.words)]
    return Result(answers.redrawn(*head, *case_card.drawn(ctx, seen, case), *controls))


def spoken(ctx: Context, field: str, words: Words) -> Said:
    """What a form says. Raises InputError when it says nothing."""
    typed = {name: str(value or "").strip()[:SAID_MAX] for name, value in ctx.interaction.options.items()}
    if not typed.get(field):
        raise InputError("reason", "", words.plain("problem.empty"))
    return Said(ctx.person.user_id, ctx.clock.now(), typed[field], typed.get("proof", ""))


def _refused(error: RefusedError, seen: Tracked) -> ConflictError:
    return ConflictError(seen.words(f"dispute.why_{error.refusal.value}"))


def _form(wire: str, title: str, asked: str, words: Words) -> Json:
    """What is to be said, and what proves it."""
    return components.modal(
        wire,
        title,
        components.paragraph(asked, "reason", max_length=SAID_MAX),
        components.paragraph(
            words.plain("dispute.proof"),
            "proof",
            description=words.plain("dispute.proof_hint"),
            required=False,
            max_length=SAID_MAX,
        ),
    )
