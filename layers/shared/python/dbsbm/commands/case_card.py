"""A case as people read it: what is disputed, every step, and what the reader may do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dbsbm.bets.disputes.model import SAID_MAX, Dispute, Event, Verdict
from dbsbm.bets.disputes.repository import DisputeRepository
from dbsbm.bets.grading import ticket_grades
from dbsbm.bets.model import Bet
from dbsbm.betting.settlement import Grade
from dbsbm.commands import wording
from dbsbm.commands.history import history_line
from dbsbm.commands.slip import grade_name, ticket_text
from dbsbm.commands.tracked import Tracked
from dbsbm.commands.words.catalogue import Markdown, Words
from dbsbm.discord import components, custom_id
from dbsbm.discord.components import Choice, Style, cut
from dbsbm.discord.definitions import Context, Json, Post

_STEPS_SHOWN = 6
_NOTE_ROOM = 200
"""Left free for a sentence above the case."""
_BRIEF = 120
_LENGTHS = ((SAID_MAX, SAID_MAX), (200, SAID_MAX), (_BRIEF, SAID_MAX), (80, 300), (40, _BRIEF), (20, 40))
"""How much of what was said is shown, of earlier steps and of the newest: the first of these that fits."""
_PICK_TEXT = 1200


def posts(ctx: Context, seen: Tracked, case: Dispute) -> list[Post]:
    """The case in the channel of those who grade: a new message, or the one that is there drawn anew."""
    words = Words(seen.guild.locale)
    data = components.message(
        *drawn(ctx, replace(seen, words=words), case), *grader_controls(ctx, seen.bet, case, words)
    )
    target_key = f"dispute:{case.dispute_id}"
    if case.carded:
        return [Post("message.edit", target_key, {}, data)]
    if seen.guild.admin_channel_id is None:
        return []
    DisputeRepository(ctx.session, seen.guild.guild_id).mark_carded(case.dispute_id)
    return [Post("message.post", target_key, {"channel_id": str(seen.guild.admin_channel_id)}, data)]


def told_opener(ctx: Context, seen: Tracked, case: Dispute) -> list[Post]:
    """A direct message to whoever opened the case; `/disputes` shows it to those who take none."""
    if case.opened_by == ctx.person.user_id:
        return []
    words = Words(seen.guild.locale)
    last = DisputeRepository(ctx.session, seen.guild.guild_id).events(case.dispute_id)[-1]
    lines = [words("case.told"), _pick(seen, words), step_line(last, words, SAID_MAX)]
    if case.state.under_way:
        lines.append(words("case.told_answer"))
    data = components.message(components.text("\n".join(lines)))
    return [
        Post("direct.post", f"dispute-told:{case.dispute_id}:{case.version}", {"user_id": str(case.opened_by)}, data)
    ]


def drawn(ctx: Context, seen: Tracked, case: Dispute) -> list[Json]:
    """What is disputed and what has happened so far."""
    words, bet = seen.words, seen.bet
    events = DisputeRepository(ctx.session, seen.guild.guild_id).events(case.dispute_id)
    stands = words("case.stands", grade=grade_name(bet.grade, words), profit=wording.profit(bet.profit_micro))
    lines: list[str] = [
        words("case.title", capper=seen.capper.display_name, state=words.plain(f"case.state_{case.state.value}")),
        _pick(seen, words),
        stands,
    ]
    history = history_line(seen.bets.last_word(bet.bet_id), words)
    if history:
        lines.append(history)
    room = components.TEXT_MAX - _NOTE_ROOM - len("\n".join(lines))
    return [components.text("\n".join([*lines, *step_lines(events, words, room)]))]


def step_lines(events: Sequence[Event], words: Words, room: int) -> list[str]:
    """The first step and the latest ones; the newest, which is decided on, is the last to be shortened."""
    shown = events if len(events) <= _STEPS_SHOWN else [events[0], *events[1 - _STEPS_SHOWN :]]
    lines: list[str] = []
    for earlier, newest in _LENGTHS:
        lines = [step_line(event, words, earlier) for event in shown[:-1]]
        lines += [step_line(event, words, newest) for event in shown[-1:]]
        if sum(len(line) + 1 for line in lines) <= room:
            break
    return lines


def step_line(event: Event, words: Words, most: int = _BRIEF) -> str:
    """Who did what, when and in which words, as many characters of them as said."""
    line = words(
        f"case.step_{event.step.value}",
        user=wording.mention(event.user_id),
        when=wording.moment(event.at),
        said=cut(event.said, most),
        grade=grade_name(event.grade, words),
    )
    return f"{line} {words('case.proof', proof=_proof(cut(event.proof, most)))}" if event.proof else line


def grader_controls(ctx: Context, bet: Bet, case: Dispute, words: Words) -> list[Json]:
    """What those who grade can do; nothing once the case is decided."""
    if not case.state.under_way:
        return []
    ids = (case.dispute_id, case.version, bet.grade_seq)
    decide = [(Verdict.ASK, "case.ask", Style.SECONDARY)]
    if bet.grade is not None:
        decide.insert(0, (Verdict.UPHOLD, "case.uphold", Style.SUCCESS))
    if bet.grade is not Grade.VOID:
        decide.append((Verdict.VOID, "case.void", Style.SECONDARY))
    buttons = [
        components.button(words.plain(label), custom_id.build("dispute.decide", *ids, verdict), style)
        for verdict, label, style in decide
    ]
    buttons.append(components.button(words.plain("case.panel"), custom_id.build("slip.grade", bet.bet_id)))
    rows = [components.row(*buttons)]
    others = [each for each in ticket_grades(bet, ctx.clock.now()) if each not in (bet.grade, Grade.VOID)]
    if others:
        choices = [Choice(grade_name(each, words), each.value) for each in others]
        target = custom_id.build("dispute.regrade", *ids)
        rows.append(components.select(target, choices, words.plain("case.regrade")))
    return rows


def opener_controls(bet: Bet, case: Dispute, words: Words) -> list[Json]:
    """What whoever opened the case can do while it is under way."""
    if not case.state.under_way:
        return []
    ids = (case.dispute_id, case.version, bet.grade_seq)
    style = Style.PRIMARY if case.state.value == "asked" else Style.SECONDARY
    return [
        components.row(
            components.button(words.plain("case.answer"), custom_id.build("dispute.answer", *ids), style),
            components.button(words.plain("case.take_back"), custom_id.build("dispute.take_back", *ids), Style.DANGER),
        )
    ]


def _pick(seen: Tracked, words: Words) -> str:
    text = ticket_text(seen.bet.terms.ticket, seen.guild, words)
    return text if len(text) <= _PICK_TEXT else text.split("\n")[0]


def _proof(typed: str) -> str:
    """An address as a link, anything else as text."""
    plain = not any(character.isspace() or character in "<>…" for character in typed)
    return Markdown(f"<{typed}>") if typed.startswith("https://") and plain else typed
