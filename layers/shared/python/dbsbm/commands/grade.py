"""*Grade* on a slip: a private panel bound to the decisions seen, so that of two people at once one is told."""

from __future__ import annotations

from dbsbm.bets.grading import UNDO_TIME, Decider, MovedOnError, Ruling, grade, proposal, undo
from dbsbm.bets.model import Bet, Decision
from dbsbm.betting.settlement import Grade, Settlement
from dbsbm.commands import answers, wording
from dbsbm.commands.slip import grade_name, pick_line, profit_of, slip_edit
from dbsbm.commands.tracked import Tracked, tracked
from dbsbm.commands.words.catalogue import Words
from dbsbm.core.errors import ConflictError
from dbsbm.discord import components, custom_id
from dbsbm.discord.components import Style
from dbsbm.discord.definitions import Context, Json, Result, Who, component
from dbsbm.games.model import Game
from dbsbm.games.repository import GameRepository

FUNCTION = "command_betting"
_FIRST_ROW = (Grade.WON, Grade.LOST, Grade.PUSH, Grade.VOID)
_SECOND_ROW = (Grade.HALF_WON, Grade.HALF_LOST)


@component("slip.grade", args=(int,), who=Who.GRADER, function=FUNCTION, answers="message")
def open_panel(ctx: Context, bet_id: int) -> Result:
    seen = tracked(ctx, bet_id)
    return Result(answers.private(*_panel(ctx, seen, seen.bet)))


@component("grade.set", args=(int, int, Grade), who=Who.GRADER, function=FUNCTION)
def decide(ctx: Context, bet_id: int, seen_seq: int, decided: Grade) -> Result:
    seen = tracked(ctx, bet_id)
    proposed = proposal(seen.bet, _game(ctx, seen.bet))
    agreed = proposed is not None and proposed.grade is decided
    ruling = Ruling(decided, proposed.rule) if proposed is not None and agreed else Ruling(decided)
    try:
        graded = grade(seen.bets, bet_id, seen_seq, ruling, _decider(ctx))
    except MovedOnError as error:
        return _told(ctx, seen, error.bet)
    return _stamped(ctx, seen, graded)


@component("grade.undo", args=(int, int), who=Who.GRADER, function=FUNCTION)
def take_back(ctx: Context, bet_id: int, seen_seq: int) -> Result:
    seen = tracked(ctx, bet_id)
    try:
        reopened = undo(seen.bets, bet_id, seen_seq, _decider(ctx))
    except MovedOnError as error:
        return _told(ctx, seen, error.bet)
    except ConflictError as error:
        minutes = int(UNDO_TIME.total_seconds() // 60)
        raise ConflictError(seen.words(f"grade.cannot_undo.{error.detail}", minutes=minutes)) from error
    return _stamped(ctx, seen, reopened)


def history_line(decision: Decision | None, words: Words) -> str:
    """Who decided what, and when; empty while nobody did."""
    if decision is None:
        return ""
    values = {
        "user": wording.mention(decision.decided_by),
        "when": wording.moment(decision.decided_at),
        "grade": grade_name(decision.grade, words),
    }
    line = words("history.undo" if decision.grade is None else "history.grade", **values)
    return f"{line} {words('history.own')}" if decision.source == "own" else line


def _stamped(ctx: Context, seen: Tracked, bet: Bet) -> Result:
    decision = seen.bets.last_decision(bet.bet_id)
    stamp = slip_edit(bet, seen.guild, seen.capper, decision)
    return Result(answers.redrawn(*_panel(ctx, seen, bet)), (stamp,))


def _told(ctx: Context, seen: Tracked, bet: Bet) -> Result:
    """The panel as somebody else left it."""
    return Result(answers.redrawn(*_panel(ctx, seen, bet, note=seen.words("grade.first"))))


def _panel(ctx: Context, seen: Tracked, bet: Bet, note: str = "") -> list[Json]:
    words = seen.words
    decision = seen.bets.last_decision(bet.bet_id)
    game = _game(ctx, bet)
    proposed = proposal(bet, game)
    lines: list[str] = [note] if note else []
    lines.append(pick_line(bet.terms.selection, bet.terms.stake, seen.guild, words))
    if proposed is not None:
        lines.append(_proposal_line(game, proposed, words))
    if decision is not None:
        lines.append(history_line(decision, words))
    if bet.grade is not None:
        lines.append(words("grade.profit", profit=wording.profit(profit_of(bet))))
    rows = [_row(bet, _FIRST_ROW, proposed, words), _row(bet, _SECOND_ROW, proposed, words)]
    if bet.grade is not None and decision is not None and ctx.clock.now() - decision.decided_at <= UNDO_TIME:
        undo_id = custom_id.build("grade.undo", bet.bet_id, bet.grade_seq)
        rows[1]["components"].append(components.button(words.plain("grade.undo"), undo_id, Style.DANGER))
    return [components.text("\n".join(lines)), *rows]


def _row(bet: Bet, grades: tuple[Grade, ...], proposed: Settlement | None, words: Words) -> Json:
    """The buttons of some grades: the one the result speaks for is marked, the standing one cannot be pressed."""
    buttons = []
    for each in grades:
        style = Style.SUCCESS if proposed is not None and proposed.grade is each else Style.SECONDARY
        target = custom_id.build("grade.set", bet.bet_id, bet.grade_seq, each)
        buttons.append(components.button(grade_name(each, words), target, style, disabled=bet.grade is each))
    return components.row(*buttons)


def _proposal_line(game: Game, proposed: Settlement, words: Words) -> str:
    if game.home_score is None or game.away_score is None:
        return words("grade.called_off", grade=grade_name(proposed.grade, words), rule=proposed.rule)
    score = f"{game.away_score}–{game.home_score}"
    return words("grade.proposal", score=score, grade=grade_name(proposed.grade, words), rule=proposed.rule)


def _game(ctx: Context, bet: Bet) -> Game:
    return GameRepository(ctx.session).game(bet.terms.selection.game_id)


def _decider(ctx: Context) -> Decider:
    return Decider(ctx.person.user_id, ctx.clock.now(), ctx.interaction.id)
