"""*Grade* on a slip: a private panel bound to the decisions seen, so that of two people at once one is told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from dbsbm.bets.grading import (
    UNDO_TIME,
    Decider,
    MovedOnError,
    Ruling,
    Standing,
    grade,
    possible_grades,
    say_of_leg,
    standing,
    ticket_grades,
    undo,
)
from dbsbm.bets.model import Bet, LegDecision, TicketKind
from dbsbm.bets.selection import MANUAL_MARKETS, Selection
from dbsbm.bets.told.service import legs_told
from dbsbm.betting.markets import Market
from dbsbm.betting.odds import Odds
from dbsbm.betting.settlement import Grade, Settlement
from dbsbm.commands import answers, propose, rights, wording
from dbsbm.commands.closing import sources_line
from dbsbm.commands.history import history_lines
from dbsbm.commands.results import result_cards
from dbsbm.commands.slip import grade_name, slip_edit, ticket_text
from dbsbm.commands.tracked import Tracked, tracked
from dbsbm.commands.words.catalogue import Words
from dbsbm.core.errors import ConflictError, InputError, NotAllowedError, NotFoundError
from dbsbm.discord import components, custom_id
from dbsbm.discord.components import Choice, Style
from dbsbm.discord.definitions import Context, Json, Post, Reply, Result, Who, component, modal
from dbsbm.games.model import Game
from dbsbm.games.repository import GameRepository

FUNCTION = "command_betting"
_ABSENT = frozenset({"dnp", "did not play", "out"})
_MAX_STAT = 10_000
_HISTORY_ROOM = 1000


@dataclass(frozen=True, slots=True)
class _Known:
    """What the panel goes by: the games, what people said of the legs, and what that makes of the bet."""

    games: dict[int, Game]
    said: list[LegDecision]
    standing: Standing

    @classmethod
    def of(cls, ctx: Context, seen: Tracked, bet: Bet, repriced: Odds | None = None) -> _Known:
        games = GameRepository(ctx.session).games({leg.game_id for leg in bet.terms.ticket.legs if leg.game_id})
        said = seen.bets.leg_decisions(bet.bet_id)
        told = legs_told(ctx.session, [bet], games).get(bet.bet_id)
        return cls(games, said, standing(bet, games, said, repriced, told))


@component("slip.grade", args=(int,), who=Who.MEMBER, function=FUNCTION, answers="message")
def open_panel(ctx: Context, bet_id: int) -> Result:
    """The grades, for those who may decide; for the bet's own capper who may not, a way to propose one."""
    seen = tracked(ctx, bet_id)
    if seen.bet.capper_id != ctx.person.user_id and not rights.is_grader(ctx.person, seen.guild):
        raise NotAllowedError(rights.admin_words(seen.words, seen.guild))
    return Result(answers.private(*panel(ctx, seen)))


def panel(ctx: Context, seen: Tracked) -> list[Json]:
    """The panel of somebody who grades, or of the bet's own capper. Raises ConflictError as ``propose.panel``."""
    own, grader = seen.bet.capper_id == ctx.person.user_id, rights.is_grader(ctx.person, seen.guild)
    if own and (not grader or (seen.bet.state == "open" and not _may_decide(ctx, seen))):
        return propose.panel(ctx, seen)
    return _panel(ctx, seen, seen.bet)


@component("grade.back", args=(int,), who=Who.GRADER, function=FUNCTION)
def back(ctx: Context, bet_id: int) -> Result:
    seen = tracked(ctx, bet_id)
    return Result(answers.redrawn(*_panel(ctx, seen, seen.bet)))


@component("grade.set", args=(int, int, Grade), who=Who.GRADER, function=FUNCTION)
def decide(ctx: Context, bet_id: int, seen_seq: int, decided: Grade) -> Result:
    seen = tracked(ctx, bet_id)
    check_second_person(ctx, seen)
    if decided not in ticket_grades(seen.bet, ctx.interaction.created_at):
        raise ConflictError(not_possible(seen, decided))
    if seen.bet.grade is not None and seen.bet.grade_seq == seen_seq:
        raise ConflictError(seen.words("grade.reason_missing"))
    return graded(ctx, seen, seen_seq, ruling_of(ctx, seen, decided))


@component("grade.settle", args=(int, int), who=Who.GRADER, function=FUNCTION)
def settle_ticket(ctx: Context, bet_id: int, seen_seq: int) -> Result:
    seen = tracked(ctx, bet_id)
    check_second_person(ctx, seen)
    proposed = _Known.of(ctx, seen, seen.bet).standing.settlement
    if proposed is None:
        return Result(answers.redrawn(*_panel(ctx, seen, seen.bet, note=seen.words("grade.legs_open"))))
    return graded(ctx, seen, seen_seq, Ruling.of(proposed), reason(seen, "legs"))


@component("grade.undo", args=(int, int), who=Who.GRADER, function=FUNCTION)
def take_back(ctx: Context, bet_id: int, seen_seq: int) -> Result:
    seen = tracked(ctx, bet_id)
    try:
        reopened = undo(seen.bets, bet_id, seen_seq, decider(ctx))
    except MovedOnError as error:
        return _told(ctx, seen, error.bet)
    except ConflictError as error:
        minutes = int(UNDO_TIME.total_seconds() // 60)
        raise ConflictError(seen.words(f"grade.cannot_undo.{error.detail}", minutes=minutes)) from error
    return _stamped(ctx, seen, reopened)


@component("grade.leg", args=(int,), who=Who.GRADER, function=FUNCTION)
def open_leg(ctx: Context, bet_id: int) -> Result:
    seen = tracked(ctx, bet_id)
    number = int(ctx.interaction.values[0]) if ctx.interaction.values[0].isdigit() else 0
    _leg(seen.bet, number)
    return Result(answers.redrawn(*_leg_panel(ctx, seen, number)))


@component("grade.set_leg", args=(int, int, int, Grade), who=Who.GRADER, function=FUNCTION)
def decide_leg(ctx: Context, bet_id: int, said: int, number: int, decided: Grade) -> Result:
    seen = tracked(ctx, bet_id)
    check_second_person(ctx, seen)
    if decided not in _leg_grades(_leg(seen.bet, number), ctx.interaction.created_at):
        raise ConflictError(not_possible(seen, decided))
    return _said(ctx, seen, said, _saying(ctx, number, grade=decided))


@component("grade.stat", args=(int, int, int), who=Who.GRADER, function=FUNCTION, answers="modal")
def open_stat(ctx: Context, bet_id: int, said: int, number: int) -> Result:
    seen = tracked(ctx, bet_id)
    check_second_person(ctx, seen)
    leg = _prop(seen.bet, number)
    name = wording.pick_name(leg, seen.words)
    form = custom_id.build("grade.stat", bet_id, said, number)
    hint = seen.words.plain("grade.stat_hint")
    field = components.text_field(name, "value", description=hint, max_length=12)
    return Result(Reply("modal", components.modal(form, seen.words.plain("grade.stat_title"), field)))


@modal("grade.stat", args=(int, int, int), who=Who.GRADER, function=FUNCTION, answers="update")
def type_stat(ctx: Context, bet_id: int, said: int, number: int) -> Result:
    seen = tracked(ctx, bet_id)
    check_second_person(ctx, seen)
    leg = _prop(seen.bet, number)
    if ctx.interaction.created_at < leg.starts_at:
        raise ConflictError(seen.words("grade.before_start", when=wording.moment(leg.starts_at)))
    value_q, played = _typed_stat(str(ctx.interaction.options["value"]))
    saying = _saying(ctx, number, value_q=value_q, participated=played)
    if seen.bet.terms.ticket.kind is not TicketKind.STRAIGHT:
        return _said(ctx, seen, said, saying)
    try:
        bet = say_of_leg(seen.bets, bet_id, said, saying)
    except MovedOnError as error:
        return _told(ctx, seen, error.bet)
    settlement = _Known.of(ctx, seen, bet).standing.settlement
    if settlement is None:
        return Result(answers.redrawn(*_panel(ctx, seen, bet)))
    typed = str(ctx.interaction.options["value"])
    return graded(ctx, seen, bet.grade_seq, Ruling.of(settlement), reason(seen, "stat", typed=typed))


@component("grade.reprice", args=(int, int), who=Who.GRADER, function=FUNCTION, answers="modal")
def open_reprice(ctx: Context, bet_id: int, seen_seq: int) -> Result:
    seen = tracked(ctx, bet_id)
    form = custom_id.build("grade.reprice", bet_id, seen_seq)
    hint = seen.words.plain("grade.reprice_hint")
    field = components.text_field(seen.words.plain("edit.odds"), "odds", description=hint, max_length=24)
    return Result(Reply("modal", components.modal(form, seen.words.plain("grade.reprice"), field)))


@modal("grade.reprice", args=(int, int), who=Who.GRADER, function=FUNCTION, answers="update")
def reprice(ctx: Context, bet_id: int, seen_seq: int) -> Result:
    seen = tracked(ctx, bet_id)
    check_second_person(ctx, seen)
    repriced = Odds.parse(str(ctx.interaction.options["odds"]))
    proposed = _Known.of(ctx, seen, seen.bet, repriced).standing.settlement
    if proposed is None:
        return Result(answers.redrawn(*_panel(ctx, seen, seen.bet, note=seen.words("grade.legs_open"))))
    return graded(ctx, seen, seen_seq, Ruling.of(proposed), reason(seen, "price", typed=repriced.typed))


def ruling_of(ctx: Context, seen: Tracked, decided: Grade) -> Ruling:
    """A person's grade; to the micro-unit what the results make of the bet, where they say the same."""
    proposed = _Known.of(ctx, seen, seen.bet).standing.settlement
    agreed = proposed is not None and proposed.grade is decided
    return Ruling.of(proposed) if proposed is not None and agreed else Ruling(decided)


def stamp_of(ctx: Context, seen: Tracked, bet: Bet) -> Post:
    """The slip as the bet stands now, with what its legs came to."""
    decision = seen.bets.last_decision(bet.bet_id)
    return slip_edit(seen.bets.noted(bet), seen.guild, seen.capper, decision, _Known.of(ctx, seen, bet).standing.legs)


def reason(seen: Tracked, what: str, **values: str) -> str:
    """Why a grade changes that a person did not choose, but what they typed came to; in the server's language."""
    return Words(seen.guild.locale).plain(f"reason.{what}", **values)


def graded(ctx: Context, seen: Tracked, seen_seq: int, ruling: Ruling, why: str = "") -> Result:
    """The bet graded so, and the panel as it stands then. A grade that replaces one keeps ``why``."""
    by = decider(ctx) if seen.bet.grade is None else replace(decider(ctx), reason=why)
    try:
        decided = grade(seen.bets, seen.bet.bet_id, seen_seq, ruling, by)
    except MovedOnError as error:
        return _told(ctx, seen, error.bet)
    return _stamped(ctx, seen, decided)


def _said(ctx: Context, seen: Tracked, said: int, saying: LegDecision) -> Result:
    """The panel after somebody said what became of a leg; the slip shows the leg so."""
    try:
        bet = say_of_leg(seen.bets, seen.bet.bet_id, said, saying)
    except MovedOnError as error:
        return _told(ctx, seen, error.bet)
    return _stamped(ctx, seen, bet)


def _stamped(ctx: Context, seen: Tracked, bet: Bet) -> Result:
    posts = (stamp_of(ctx, seen, bet), *result_cards(ctx, seen.guild, [bet]))
    return Result(answers.redrawn(*_panel(ctx, seen, bet)), posts)


def _told(ctx: Context, seen: Tracked, bet: Bet) -> Result:
    """The panel as somebody else left it."""
    return Result(answers.redrawn(*_panel(ctx, seen, bet, note=seen.words("grade.first"))))


def _panel(ctx: Context, seen: Tracked, bet: Bet, note: str = "") -> list[Json]:
    words, ticket = seen.words, bet.terms.ticket
    decision = seen.bets.last_decision(bet.bet_id)
    known = _Known.of(ctx, seen, bet)
    proposed = known.standing.settlement
    lines: list[str] = [note] if note else []
    lines.append(ticket_text(ticket, seen.guild, words, known.standing.legs))
    if ctx.interaction.created_at < bet.starts_at:
        lines.append(words("grade.before_start", when=wording.moment(bet.starts_at)))
    if proposed is not None:
        lines.append(_proposal_line(bet, known, proposed, words))
    sources = sources_line(ctx.session, bet, words)
    if sources:
        lines.append(sources)
    if known.standing.unpriced:
        lines.append(words("grade.unpriced"))
    lines.extend(propose.line(ctx.session, seen.guild.guild_id, bet, words))
    lines.extend(history_lines(seen.bets.history(bet.bet_id), words, _HISTORY_ROOM))
    if bet.grade is not None and not bet.withdrawn:
        lines.append(words("grade.profit", profit=wording.profit(bet.profit_micro)))
    rows = [_grades(ctx, bet, proposed, words)]
    if ticket.kind is TicketKind.STRAIGHT:
        extra = _stat_button(bet, known, 1, words) if ticket.legs[0].market is Market.PLAYER_PROP else []
    elif ticket.kind is TicketKind.EACH_WAY:
        extra = _finish_buttons(bet, words) if ctx.interaction.created_at >= bet.starts_at else []
    else:
        rows.insert(0, _legs_select(bet, known, words))
        extra = _ticket_buttons(bet, known, words)
    if bet.grade is not None and decision is not None and ctx.clock.now() - decision.decided_at <= UNDO_TIME:
        undo_id = custom_id.build("grade.undo", bet.bet_id, bet.grade_seq)
        extra.append(components.button(words.plain("grade.undo"), undo_id, Style.DANGER))
    if extra:
        rows.append(components.row(*extra))
    return [components.text("\n".join(lines)), *rows]


def _grades(ctx: Context, bet: Bet, proposed: Settlement | None, words: Words) -> Json:
    """The grades the bet can have: what its result or capper speaks for is marked, what stands cannot be pressed."""
    buttons, capper_says = [], propose.proposed(ctx.session, bet.guild_id, bet)
    for each in ticket_grades(bet, ctx.interaction.created_at):
        style = Style.SUCCESS if proposed is not None and proposed.grade is each else Style.SECONDARY
        if each is capper_says and style is Style.SECONDARY:
            style = Style.PRIMARY
        route = "grade.set" if bet.grade is None else "grade.change"
        target = custom_id.build(route, bet.bet_id, bet.grade_seq, each)
        buttons.append(components.button(grade_name(each, words), target, style, disabled=bet.grade is each))
    return components.row(*buttons)


def _ticket_buttons(bet: Bet, known: _Known, words: Words) -> list[Json]:
    settlement = known.standing.settlement
    if known.standing.unpriced:
        target = custom_id.build("grade.reprice", bet.bet_id, bet.grade_seq)
        return [components.button(words.plain("grade.reprice"), target, Style.PRIMARY)]
    if settlement is None or (bet.grade is settlement.grade and bet.profit_micro == settlement.profit_micro):
        return []
    label = words.plain(
        "grade.settle", grade=grade_name(settlement.grade, words), profit=wording.profit(settlement.profit_micro)
    )
    target = custom_id.build("grade.settle", bet.bet_id, bet.grade_seq)
    return [components.button(label, target, Style.SUCCESS)]


def _legs_select(bet: Bet, known: _Known, words: Words) -> Json:
    choices = []
    for number, (leg, decided) in enumerate(zip(bet.terms.ticket.legs, known.standing.legs, strict=True), 1):
        result = grade_name(decided.grade if decided else None, words)
        name = f"{number}. {wording.pick_name(leg, words)}"
        choices.append(Choice(name, str(number), description=f"{result} · {wording.matchup(leg)}"))
    return components.select(custom_id.build("grade.leg", bet.bet_id), choices, words.plain("grade.legs"))


def _leg_panel(ctx: Context, seen: Tracked, number: int) -> list[Json]:
    words, bet = seen.words, seen.bet
    leg, known = _leg(bet, number), _Known.of(ctx, seen, bet)
    decided = known.standing.legs[number - 1]
    lines = [
        words(
            "slip.line",
            pick=wording.leg_summary(leg, seen.guild.odds_format, words),
            matchup=wording.matchup(leg),
            when=wording.moment(leg.starts_at),
        )
    ]
    if ctx.interaction.created_at < leg.starts_at:
        lines.append(words("grade.before_start", when=wording.moment(leg.starts_at)))
    if decided is not None:
        lines.append(words("grade.leg_stands", grade=grade_name(decided.grade, words), rule=decided.rule))
    said = len(known.said)
    buttons = [
        components.button(grade_name(each, words), custom_id.build("grade.set_leg", bet.bet_id, said, number, each))
        for each in _leg_grades(leg, ctx.interaction.created_at)
    ]
    back_button = components.button(words.plain("grade.back"), custom_id.build("grade.back", bet.bet_id))
    stat = _stat_button(bet, known, number, words) if leg.market is Market.PLAYER_PROP else []
    return [components.text("\n".join(lines)), components.row(*buttons), components.row(*stat, back_button)]


def _stat_button(bet: Bet, known: _Known, number: int, words: Words) -> list[Json]:
    target = custom_id.build("grade.stat", bet.bet_id, len(known.said), number)
    return [components.button(words.plain("grade.stat"), target, Style.PRIMARY)]


def _finish_buttons(bet: Bet, words: Words) -> list[Json]:
    """An each-way bet pays by where its selection came in."""
    ids = (bet.bet_id, bet.grade_seq)
    return [
        components.button(words.plain("finish.placed"), custom_id.build("grade.placed", *ids), Style.PRIMARY),
        components.button(words.plain("finish.type"), custom_id.build("grade.finish", *ids)),
    ]


def _leg_grades(leg: Selection, at: datetime) -> tuple[Grade, ...]:
    return (Grade.VOID,) if at < leg.starts_at else (*possible_grades(leg), Grade.VOID)


def _leg(bet: Bet, number: int) -> Selection:
    legs = bet.terms.ticket.legs
    if not 1 <= number <= len(legs):
        raise NotFoundError(f"no leg {number}")
    return legs[number - 1]


def _prop(bet: Bet, number: int) -> Selection:
    leg = _leg(bet, number)
    if leg.market is not Market.PLAYER_PROP:
        raise NotFoundError(f"leg {number} is no player's")
    return leg


def _typed_stat(typed: str) -> tuple[int, bool]:
    """A statistic in quarters, and whether the player took part. Raises InputError."""
    text = typed.strip().lower()
    if text in _ABSENT:
        return 0, False
    try:
        quarters = float(text) * 4
    except ValueError:
        quarters = -1.0
    if not 0 <= quarters <= 4 * _MAX_STAT or quarters != int(quarters):
        raise InputError("statistic", typed, "is not a number of quarters, halves or wholes", "268")
    return int(quarters), True


def _saying(
    ctx: Context, leg: int, *, grade: Grade | None = None, value_q: int | None = None, participated: bool = True
) -> LegDecision:
    return LegDecision(0, leg, grade, value_q, participated, ctx.person.user_id, ctx.clock.now())


def _proposal_line(bet: Bet, known: _Known, proposed: Settlement, words: Words) -> str:
    grade_word = grade_name(proposed.grade, words)
    if bet.terms.ticket.kind is not TicketKind.STRAIGHT:
        profit = wording.profit(proposed.profit_micro)
        return words("grade.ticket_proposal", grade=grade_word, profit=profit, rule=proposed.rule)
    if known.said:
        value = known.said[-1].value_q
        stat = "–" if value is None else f"{value / 4:g}"
        return words("grade.stat_proposal", stat=stat, grade=grade_word, rule=proposed.rule)
    game = known.games.get(bet.terms.selection.game_id)
    if game is None or game.home_score is None or game.away_score is None:
        return words("grade.called_off", grade=grade_word, rule=proposed.rule)
    score = f"{game.away_score}–{game.home_score}"
    return words("grade.proposal", score=score, grade=grade_word, rule=proposed.rule)


def check_second_person(ctx: Context, seen: Tracked) -> None:
    """Nothing but a person's word decides a manual entry: not its own capper's. Raises NotAllowedError."""
    manual = any(leg.market in MANUAL_MARKETS for leg in seen.bet.terms.ticket.legs)
    if manual and ctx.person.user_id == seen.bet.capper_id:
        raise NotAllowedError(seen.words("grade.second_person"))
    if ctx.person.user_id == seen.bet.capper_id and not seen.guild.self_grading:
        raise NotAllowedError(seen.words("ungraded.own"))


def _may_decide(ctx: Context, seen: Tracked) -> bool:
    try:
        check_second_person(ctx, seen)
    except NotAllowedError:
        return False
    return True


def not_possible(seen: Tracked, decided: Grade) -> str:
    return seen.words("grade.not_possible", grade=grade_name(decided, seen.words))


def decider(ctx: Context) -> Decider:
    return Decider(ctx.person.user_id, ctx.clock.now(), ctx.interaction.id)
