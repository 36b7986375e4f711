"""Grading an each-way bet by where its selection came in, dead heats included."""

from __future__ import annotations

import re

from dbsbm.bets.grading import Ruling, each_way_settlement
from dbsbm.bets.ticket import TicketKind
from dbsbm.betting.outrights import finished
from dbsbm.betting.results import OutrightResult
from dbsbm.commands.grade import FUNCTION, check_second_person, graded, reason
from dbsbm.commands.tracked import Tracked, tracked
from dbsbm.commands.words.catalogue import Words
from dbsbm.core.errors import ConflictError, InputError
from dbsbm.discord import components, custom_id
from dbsbm.discord.definitions import Context, Reply, Result, Who, component, modal

_FINISH = re.compile(r"(?P<tied>t)?\s*(?P<position>\d{1,3})(?:\s*of\s*(?P<count>\d{1,2}))?", re.ASCII)
_ABSENT = frozenset({"dns", "did not start", "out", "wd"})


@component("grade.placed", args=(int, int), who=Who.GRADER, function=FUNCTION)
def placed(ctx: Context, bet_id: int, seen_seq: int) -> Result:
    """Among the places, not first, and tied with nobody."""
    seen = _each_way(ctx, bet_id)
    return _settled(ctx, seen, seen_seq, OutrightResult((0, 1), (1, 1)), reason(seen, "placed"))


@component("grade.finish", args=(int, int), who=Who.GRADER, function=FUNCTION, answers="modal")
def open_finish(ctx: Context, bet_id: int, seen_seq: int) -> Result:
    seen = _each_way(ctx, bet_id)
    words = seen.words
    field = components.text_field(
        words.plain("finish.label"), "finish", description=words.plain("finish.hint"), max_length=16
    )
    form = custom_id.build("grade.finish", bet_id, seen_seq)
    return Result(Reply("modal", components.modal(form, words.plain("finish.title"), field)))


@modal("grade.finish", args=(int, int), who=Who.GRADER, function=FUNCTION, answers="update")
def type_finish(ctx: Context, bet_id: int, seen_seq: int) -> Result:
    seen = _each_way(ctx, bet_id)
    typed = str(ctx.interaction.options["finish"])
    result = read_finish(typed, seen.bet.terms.ticket.terms.places, seen.words)
    return _settled(ctx, seen, seen_seq, result, reason(seen, "finish", typed=typed))


def read_finish(typed: str, places: int, words: Words) -> OutrightResult:
    """ "3", "T2 of 3", "dns". Raises InputError."""
    text = typed.strip().lower()
    if text in _ABSENT:
        return OutrightResult((0, 1), started=False)
    found = _FINISH.fullmatch(text)
    position = int(found["position"]) if found else 0
    count = int(found["count"] or 1) if found else 0
    if found is None or not position or not count or (found["tied"] is not None) != (count > 1):
        raise InputError("finish", typed, words.plain("finish.problem"), "T2 of 3")
    return finished(position, count, places)


def _settled(ctx: Context, seen: Tracked, seen_seq: int, result: OutrightResult, why: str) -> Result:
    return graded(ctx, seen, seen_seq, Ruling.of(each_way_settlement(seen.bet, result)), why)


def _each_way(ctx: Context, bet_id: int) -> Tracked:
    """The bet, for somebody who may decide on it. Raises ConflictError, NotAllowedError."""
    seen = tracked(ctx, bet_id)
    check_second_person(ctx, seen)
    early = ctx.interaction.created_at < seen.bet.starts_at
    if seen.bet.terms.ticket.kind is not TicketKind.EACH_WAY or early:
        raise ConflictError(seen.words("finish.not_each_way"))
    return seen
