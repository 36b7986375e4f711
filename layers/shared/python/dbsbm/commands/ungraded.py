"""``/ungraded``: an evening's bets by game; what the results agree on in two presses, the rest one a screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dbsbm.bets import grading
from dbsbm.bets.capper_proposals.repository import CapperProposal, CapperProposalRepository
from dbsbm.bets.evening.model import Evening, Waiting, evening, version
from dbsbm.bets.evening.repository import EveningRepository
from dbsbm.bets.grading import UNDO_TIME, Decider, MovedOnError, Ruling, ticket_grades
from dbsbm.bets.model import Bet
from dbsbm.bets.repository import BetRepository
from dbsbm.bets.told.service import legs_told
from dbsbm.betting.settlement import Grade
from dbsbm.commands import answers, rights, wording
from dbsbm.commands.results import result_cards
from dbsbm.commands.slip import grade_name, slip_edit
from dbsbm.commands.words.catalogue import Markdown, Words
from dbsbm.core.errors import ConflictError, NotAllowedError, NotFoundError
from dbsbm.discord import components, custom_id
from dbsbm.discord.components import Style, cut
from dbsbm.discord.definitions import Context, Json, Post, Reply, Result, Who, command, component
from dbsbm.games.repository import GameRepository
from dbsbm.guilds.model import Guild
from dbsbm.guilds.repository import GuildRepository

FUNCTION = "command_betting"
GAMES_A_PAGE = 10
MOST = 100
"""Bets looked at together, by start; what is beyond comes up as these are graded."""
AT_ONCE = 60
"""Grades of one press: what a function does well within its time."""
_PAGE_TEXT = 3400
NO_BATCH = 0


@dataclass(frozen=True, slots=True)
class _Room:
    """The guild, and what waits in it, for one person."""

    guild: Guild
    words: Words
    evening: Evening
    waiting: int
    """How many bets wait in all; ``evening`` holds at most ``MOST`` of them."""
    agreed: tuple[Waiting, ...]
    proposed: Mapping[int, CapperProposal]
    """What cappers say of their own bets, for those who decide."""

    @property
    def version(self) -> int:
        return version(self.agreed)


@command("ungraded", "Bets that wait for a grade, by game", who=Who.GRADER, function=FUNCTION)
def ungraded(ctx: Context) -> Result:
    return Result(answers.private(*_page(_room(ctx), 0)))


@component("ungraded.open", who=Who.GRADER, function=FUNCTION, answers="message")
def open_from_reminder(ctx: Context) -> Result:
    return ungraded(ctx)


@component("ungraded.page", args=(int,), who=Who.GRADER, function=FUNCTION)
def turn_page(ctx: Context, page: int) -> Result:
    return Result(answers.redrawn(*_page(_room(ctx), page)))


@component("ungraded.accept", args=(int,), who=Who.GRADER, function=FUNCTION)
def ask(ctx: Context, seen: int) -> Result:
    room = _room(ctx)
    if room.version != seen or not room.agreed:
        return Result(answers.redrawn(*_page(room, 0, room.words("ungraded.moved_on"))))
    return Result(answers.redrawn(*_question(room)))


@component("ungraded.confirm", args=(int,), who=Who.GRADER, mode="deferred", function=FUNCTION)
def confirm(ctx: Context, seen: int) -> Result:
    room = _room(ctx)
    if room.version != seen or not room.agreed:
        return Result(answers.redrawn(*_page(room, 0, room.words("ungraded.moved_on"))))
    batch_id = ctx.ids.new()
    graded = [_accept(ctx, room.guild, each) for each in room.agreed]
    pairs = [(bet.bet_id, bet.grade_seq) for bet in graded]
    now = ctx.clock.now()
    EveningRepository(ctx.session, room.guild.guild_id).add_batch(batch_id, ctx.person.user_id, now, pairs)
    note = room.words("ungraded.accepted", count=len(graded), result=_counted(graded, room.words))
    shown = _next(ctx, _room(ctx), batch_id, after=None, note=note)
    return Result(shown, _posts(ctx, room.guild, graded))


@component("ungraded.next", args=(int, int), who=Who.GRADER, function=FUNCTION)
def skip(ctx: Context, after_bet_id: int, batch_id: int) -> Result:
    """Leave a bet as it is and show the one behind it; 0 shows the first."""
    room = _room(ctx)
    after = BetRepository(ctx.session, room.guild.guild_id).bet(after_bet_id) if after_bet_id else None
    return Result(_next(ctx, room, batch_id, after=after))


@component("ungraded.set", args=(int, int, Grade, int), who=Who.GRADER, function=FUNCTION)
def decide(ctx: Context, bet_id: int, seen_seq: int, decided: Grade, batch_id: int) -> Result:
    room = _room(ctx)
    bets = BetRepository(ctx.session, room.guild.guild_id)
    bet = bets.bet(bet_id)
    check_not_own(ctx, room.guild, bet, room.words)
    if decided not in ticket_grades(bet, ctx.interaction.created_at):
        raise ConflictError(room.words("ungraded.not_possible", grade=grade_name(decided, room.words)))
    found = next((each for each in room.evening.waiting if each.bet.bet_id == bet_id), None)
    settled = found.settlement if found is not None else None
    agreed = settled is not None and settled.grade is decided
    ruling = Ruling.of(settled) if settled is not None and agreed else Ruling(decided)
    try:
        graded = grading.grade(bets, bet_id, seen_seq, ruling, _decider(ctx))
    except MovedOnError:
        return Result(_next(ctx, room, batch_id, after=bet, note=room.words("ungraded.first")))
    done = room.words("ungraded.done", pick=_pick(graded, room), result=_result(graded, room.words))
    shown = _next(ctx, _room(ctx), batch_id, after=bet, note=done)
    return Result(shown, _posts(ctx, room.guild, [graded]))


@component("ungraded.undo", args=(int,), who=Who.GRADER, mode="deferred", function=FUNCTION)
def undo_batch(ctx: Context, batch_id: int) -> Result:
    room = _room(ctx)
    repository = EveningRepository(ctx.session, room.guild.guild_id)
    batch = repository.lock_batch(batch_id)
    if batch is None:
        raise NotFoundError(f"no batch {batch_id}")
    if not batch.standing:
        return Result(answers.redrawn(*_page(room, 0, room.words("ungraded.undone_already"))))
    if ctx.clock.now() - batch.decided_at > UNDO_TIME:
        minutes = int(UNDO_TIME.total_seconds() // 60)
        raise ConflictError(room.words("ungraded.undo_late", minutes=minutes))
    bets, back = BetRepository(ctx.session, room.guild.guild_id), []
    for bet_id, sequence in batch.bets:
        try:
            back.append(grading.undo(bets, bet_id, sequence, _decider(ctx)))
        except MovedOnError:
            continue  # somebody has decided on it since: that stands
    repository.undo_batch(batch_id)
    note = room.words("ungraded.undone", count=len(back), kept=len(batch.bets) - len(back))
    return Result(answers.redrawn(*_page(_room(ctx), 0, note)), _posts(ctx, room.guild, back))


def check_not_own(ctx: Context, guild: Guild, bet: Bet, words: Words) -> None:
    """Nobody decides on an own bet, unless the guild allows it: then it is marked.

    Raises
    ------
    NotAllowedError
        When the bet is the person's own.
    """
    if bet.capper_id == ctx.person.user_id and not guild.self_grading:
        raise NotAllowedError(words("ungraded.own"))


def _room(ctx: Context) -> _Room:
    words = Words(ctx.person.locale)
    guild = rights.ready(GuildRepository(ctx.session, rights.guild_id_of(ctx)).guild(), words)
    repository = EveningRepository(ctx.session, guild.guild_id)
    bet_ids = repository.waiting(ctx.interaction.created_at, MOST)
    bets = BetRepository(ctx.session, guild.guild_id).several(bet_ids)
    game_ids = {leg.game_id for bet in bets for leg in bet.terms.ticket.legs if leg.game_id}
    games = GameRepository(ctx.session).games(game_ids) if game_ids else {}
    found = evening(bets, games, repository.held(bet_ids), legs_told(ctx.session, bets, games))
    proposed = CapperProposalRepository(ctx.session, guild.guild_id).of(bets)
    but_of = None if guild.self_grading else ctx.person.user_id
    waiting = len(bet_ids) if len(bet_ids) < MOST else repository.count(ctx.interaction.created_at)
    return _Room(guild, words, found, waiting, found.agreed(but_of)[:AT_ONCE], proposed)


def _accept(ctx: Context, guild: Guild, each: Waiting) -> Bet:
    """Grade as proposed. The list's version was compared in this transaction; a bet decided since is refused whole."""
    if each.settlement is None:
        raise AssertionError("only what is agreed is accepted")
    bets = BetRepository(ctx.session, guild.guild_id)
    ruling = Ruling.of(each.settlement)
    try:
        return grading.grade(bets, each.bet.bet_id, each.bet.grade_seq, ruling, _decider(ctx))
    except MovedOnError as error:
        raise ConflictError(Words(ctx.person.locale)("ungraded.moved_on")) from error


def _posts(ctx: Context, guild: Guild, bets: Sequence[Bet]) -> list[Post]:
    """The stamps on the slips, and the cards of channels with many results."""
    guilds, repository = GuildRepository(ctx.session, guild.guild_id), BetRepository(ctx.session, guild.guild_id)
    cappers = {capper_id: guilds.capper(capper_id) for capper_id in {bet.capper_id for bet in bets}}
    game_ids = {leg.game_id for bet in bets for leg in bet.terms.ticket.legs if leg.game_id}
    games = GameRepository(ctx.session).games(game_ids) if game_ids else {}
    stamps, told = [], legs_told(ctx.session, bets, games)
    for bet in bets:
        capper = cappers[bet.capper_id]
        if capper is not None:
            legs = grading.standing(bet, games, (), told=told.get(bet.bet_id)).legs
            stamps.append(slip_edit(repository.noted(bet), guild, capper, repository.last_decision(bet.bet_id), legs))
    return [*stamps, *result_cards(ctx, guild, bets)]


def _page(room: _Room, page: int, note: str = "") -> list[Json]:
    words, groups = room.words, room.evening.groups()
    shown = groups[page * GAMES_A_PAGE :][:GAMES_A_PAGE]
    if not groups:
        return [components.text("\n".join(filter(None, (note, words("ungraded.none")))))]
    lines = [*filter(None, (note,)), words("ungraded.title", count=room.waiting), *_beyond(room)]
    room_left = (_PAGE_TEXT - sum(map(len, lines))) // max(1, len(shown))
    blocks = [_game_block(room, game_id, waiting, room_left) for game_id, waiting in shown]
    panel = [components.text("\n".join([*lines, *blocks]))]
    buttons = []
    if room.agreed:
        label = words.plain("ungraded.accept", count=len(room.agreed))
        buttons.append(components.button(label, custom_id.build("ungraded.accept", room.version), Style.SUCCESS))
    one = components.button(words.plain("ungraded.one_by_one"), custom_id.build("ungraded.next", 0, NO_BATCH))
    panel.append(components.row(*buttons, one, *_turns(page, len(groups), words)))
    return panel


def _beyond(room: _Room) -> list[Markdown]:
    shown = len(room.evening.waiting)
    return [room.words("ungraded.first_of_many", count=shown)] if shown < room.waiting else []


def _turns(page: int, groups: int, words: Words) -> list[Json]:
    turns = []
    for label, there in (("page.back", page - 1), ("page.more", page + 1)):
        if there >= 0 and there * GAMES_A_PAGE < groups:
            turns.append(components.button(words.plain(label), custom_id.build("ungraded.page", there)))
    return turns


def _game_block(room: _Room, game_id: int, waiting: Sequence[Waiting], space: int) -> str:
    """A game and its bets, as many as the message has room for."""
    game = room.evening.games.get(game_id)
    first = waiting[0].bet.terms.selection
    name = wording.matchup(first) if game_id else room.words("ungraded.no_game")
    score = ""
    if game is not None and game.home_score is not None and game.away_score is not None:
        score = f" · {game.away_score}–{game.home_score}"
    block = [f"**{Markdown(name)}**{score}"]
    for number, each in enumerate(waiting):
        line = _waiting_line(each, room)
        if sum(map(len, block)) + len(line) + len(block) + 12 > space:
            return "\n".join([*block, room.words("ungraded.more_bets", count=len(waiting) - number)])
        block.append(line)
    return "\n".join(block)


def _waiting_line(each: Waiting, room: _Room) -> str:
    words, pick = room.words, _pick(each.bet, room)
    proposal = room.proposed.get(each.bet.bet_id)
    said = f" · {words('ungraded.capper_says', grade=grade_name(proposal.grade, words))}" if proposal else ""
    if each.held:
        code, _, heard = each.held.partition(": ")
        why = cut(words.plain(f"auto.why.{code}", said=heard), 90)
        return words("ungraded.held", pick=pick, reason=why) + said
    if each.settlement is None:
        return words("ungraded.open", pick=pick) + said
    found = words(
        "ungraded.agreed", pick=pick, grade=grade_name(each.settlement.grade, words), rule=each.settlement.rule
    )
    return found + said


def _question(room: _Room) -> list[Json]:
    words = room.words
    counts = Counter(each.settlement.grade for each in room.agreed if each.settlement is not None)
    result = ", ".join(f"{count} {grade_name(grade, words)}" for grade, count in counts.most_common())
    profit = sum(each.settlement.profit_micro for each in room.agreed if each.settlement is not None)
    asked = words("ungraded.sure", count=len(room.agreed), result=result, profit=wording.profit(profit))
    sure = custom_id.build("ungraded.confirm", room.version)
    return [
        components.text(asked),
        components.row(
            components.button(words.plain("ungraded.confirm"), sure, Style.SUCCESS),
            components.button(words.plain("page.back"), custom_id.build("ungraded.page", 0)),
        ),
    ]


def _next(ctx: Context, room: _Room, batch_id: int, *, after: Bet | None, note: str = "") -> Reply:
    """The bet behind ``after`` that still waits for this person, or that nothing does."""
    own = None if room.guild.self_grading else ctx.person.user_id
    left = [each for each in room.evening.waiting if each.bet.capper_id != own]
    behind = [each for each in left if after is None or _order(each.bet) > _order(after)]
    if not behind:
        told = room.words("ungraded.nothing_left") if not left else room.words("ungraded.end", count=len(left))
        back = components.button(room.words.plain("ungraded.list"), custom_id.build("ungraded.page", 0))
        text = components.text("\n".join(filter(None, (note, told))))
        return answers.redrawn(text, components.row(back, *_undo_button(batch_id, room.words)))
    lines = [*filter(None, (note,)), room.words("ungraded.left", count=len(left))]
    return answers.redrawn(*_screen(ctx, room, behind[0], lines, batch_id))


def _order(bet: Bet) -> tuple[datetime, int]:
    return bet.starts_at, bet.bet_id


def _screen(ctx: Context, room: _Room, each: Waiting, above: Sequence[str], batch_id: int) -> list[Json]:
    words, bet = room.words, each.bet
    game = f"{Markdown(wording.matchup(bet.terms.selection))} · {wording.moment(bet.starts_at)}"
    lines = [*above, _waiting_line(each, room), words("ungraded.by", user=wording.mention(bet.capper_id)), game]
    proposal = room.proposed.get(bet.bet_id)
    grades, said = [], proposal.grade if proposal is not None else None
    for decided in ticket_grades(bet, ctx.interaction.created_at):
        speaks = each.settlement is not None and each.settlement.grade is decided
        target = custom_id.build("ungraded.set", bet.bet_id, bet.grade_seq, decided, batch_id)
        style = Style.SUCCESS if speaks else Style.PRIMARY if said is decided else Style.SECONDARY
        grades.append(components.button(grade_name(decided, words), target, style))
    others = (
        components.button(words.plain("ungraded.more"), custom_id.build("slip.grade", bet.bet_id)),
        components.button(words.plain("ungraded.skip"), custom_id.build("ungraded.next", bet.bet_id, batch_id)),
        *_undo_button(batch_id, words),
    )
    return [components.text("\n".join(lines)), components.row(*grades), components.row(*others)]


def _undo_button(batch_id: int, words: Words) -> list[Json]:
    if batch_id == NO_BATCH:
        return []
    target = custom_id.build("ungraded.undo", batch_id)
    return [components.button(words.plain("ungraded.undo"), target, Style.DANGER)]


def _pick(bet: Bet, room: _Room) -> str:
    return cut(wording.summary(bet.terms.ticket, room.guild.odds_format, room.words), 90)


def _result(bet: Bet, words: Words) -> str:
    return f"{grade_name(bet.grade, words)} {wording.profit(bet.profit_micro)}"


def _counted(bets: Sequence[Bet], words: Words) -> str:
    counts = Counter(bet.grade for bet in bets)
    return ", ".join(f"{count} {grade_name(grade, words)}" for grade, count in counts.most_common())


def _decider(ctx: Context) -> Decider:
    return Decider(ctx.person.user_id, ctx.clock.now(), ctx.interaction.id)
