"""``/bet pick:``: one line of text, or several, becomes a preview with Post; and its autocomplete."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache

from dbsbm.bets import reading, slate
from dbsbm.bets.drafts.repository import DraftRepository
from dbsbm.bets.model import Draft, Pick, Ticket, TicketKind
from dbsbm.bets.posting import StartedError, check_open
from dbsbm.bets.posting import check_stake as check_limit
from dbsbm.bets.price_check import best
from dbsbm.bets.reading import Typed
from dbsbm.bets.selection import Selection
from dbsbm.bets.slate import Slate
from dbsbm.commands import posted, preview, rights, wording
from dbsbm.commands.teams import nickname
from dbsbm.commands.words.catalogue import Words
from dbsbm.core.errors import InputError, NotFoundError
from dbsbm.discord.components import OPTION_MAX, cut
from dbsbm.discord.definitions import Context, Option, Result, Who, autocomplete, command
from dbsbm.games.model import Game
from dbsbm.games.props.repository import PropPriceRepository
from dbsbm.games.repository import GameRepository
from dbsbm.games.service import upcoming_board
from dbsbm.guilds.model import Guild
from dbsbm.guilds.repository import GuildRepository

FUNCTION = "command_betting"
_LIVE = re.compile(r"\blive\b", re.IGNORECASE)
_RECENTLY = timedelta(hours=12)
"""How far back a game is looked for that has started."""


@command(
    "bet",
    "Post a bet: team, line, price and units in one line",
    who=Who.CAPPER,
    function=FUNCTION,
    options=(
        Option(
            "pick", "For example: chiefs -3 -110 2u – several legs with ; between", required=True, autocomplete=True
        ),
    ),
)
def bet(ctx: Context) -> Result:
    words = Words(ctx.person.locale)
    guild = rights.ready(GuildRepository(ctx.session, rights.guild_id_of(ctx)).guild(), words)
    typed = str(ctx.interaction.options["pick"])
    return opened(ctx, typed, read(ctx, typed, guild, words), guild)


def opened(ctx: Context, typed: str, found: Typed, guild: Guild) -> Result:
    """A new draft's preview; or the bet at once, where its capper wants that and nothing is open."""
    try:
        at_once = posted.at_once(ctx, found, guild)
    except StartedError as error:
        raise started(typed, error.selection, "", Words(ctx.person.locale)) from error
    if at_once is not None:
        return at_once
    draft = Draft(ctx.ids.new(), ctx.person.user_id, 1, "open", typed, found.ticket, found.choices)
    DraftRepository(ctx.session, guild.guild_id).add(draft, ctx.clock.now())
    return preview.shown(ctx, draft, guild, kind="message")


@autocomplete("bet", "pick", function=FUNCTION)
def offered(ctx: Context, typed: str) -> Sequence[tuple[str, str]]:
    guild = GuildRepository(ctx.session, rights.guild_id_of(ctx)).guild()
    if guild is None or slate.is_token(typed):
        return ()
    words = Words(ctx.person.locale)
    board = slate_now(ctx)
    found = reading.suggested(typed, board, guild, ctx.clock.now())
    return [(_choice_name(ticket, board, guild, words, ctx), value) for ticket, value in found]


def slate_now(ctx: Context) -> Slate:
    """The upcoming games as this environment knows them."""
    board = slate.slate_of(upcoming_board(ctx.cache, ctx.session, ctx.clock.now()))
    return replace(board, players=cache(PropPriceRepository(ctx.session).prices))


def check(found: Typed, guild: Guild) -> None:
    """Refuse what is settled and cannot be posted all the same. Raises InputError."""
    if found.settled and not found.ticket.needs_price:
        found.ticket.check()
        check_limit(found.ticket, guild)


def read(ctx: Context, typed: str, guild: Guild, words: Words, *, check_stake: bool = True) -> Typed:
    """What a capper typed or chose, as a ticket that can be posted.

    Raises
    ------
    InputError
        Naming what was typed and a pick that works.
    """
    board, at = slate_now(ctx), ctx.interaction.created_at
    example = slate.example(board, guild, at)
    try:
        if slate.is_token(typed):
            found = Typed.straight((_chosen(ctx, typed, words),))
        elif _LIVE.search(typed):
            found = _read_live(ctx, typed, guild, words)
        else:
            found = reading.typed_ticket(typed, board, guild, at)
        if check_stake:
            check(found, guild)
    except slate.NoGameError as error:
        game = slate.named_game(error.typed, GameRepository(ctx.session).started(at - _RECENTLY, at), at)
        if game is None:
            raise
        raise started(error.typed, game, example, words) from error
    except InputError as error:
        raise InputError(error.field, error.typed, error.problem, example) from error
    return found


def _read_live(ctx: Context, typed: str, guild: Guild, words: Words) -> Typed:
    """A bet on a game under way, at the score it has. Raises InputError."""
    at = ctx.interaction.created_at
    board = slate.live_slate(GameRepository(ctx.session).started(at - _RECENTLY, at))
    if not board.games:
        raise InputError("pick", typed, words.plain("problem.no_live"))
    before = min(game.starts_at for game in board.games.values()) - timedelta(seconds=1)
    found = reading.typed_ticket(typed, board, guild, before)
    if found.ticket.kind is not TicketKind.STRAIGHT:
        raise InputError("pick", typed, words.plain("problem.live_ticket"))
    return reading.scored(found, board)


def started(typed: str, game: Game | Selection, example: str, words: Words) -> InputError:
    """The refusal of a pick on an event that is under way."""
    name = game.home
    if game.away:
        name = f"{nickname(game.away, game.league)} @ {nickname(game.home, game.league)}"
    return InputError("pick", typed, words.plain("problem.started", game=name), example)


def _chosen(ctx: Context, typed: str, words: Words) -> Pick:
    """The pick of a suggestion, as long as its game can be bet on.

    Raises
    ------
    InputError
        When the game has started or is gone.
    """
    try:
        game = GameRepository(ctx.session).game(slate.token_game_id(typed))
    except NotFoundError as error:
        raise InputError("pick", typed, words.plain("problem.gone")) from error
    pick = slate.from_token(typed, game)
    try:
        check_open(game, ctx.interaction.created_at)
    except StartedError as error:
        raise started(slate.typed_form(pick), game, "", words) from error
    return pick


def _choice_name(ticket: Ticket, board: Slate, guild: Guild, words: Words, ctx: Context) -> str:
    selection = ticket.legs[0]
    summary = wording.summary(ticket, guild.odds_format, words)
    if ticket.kind is not TicketKind.STRAIGHT:
        legs = ", ".join(wording.pick_name(leg, words) for leg in ticket.legs)
        return cut(f"{summary} · {legs}", OPTION_MAX)
    when = wording.clock_time(selection.starts_at, guild.zone, ctx.clock.now(), words)
    name = f"{summary} · {wording.matchup_letters(selection)} {when}"
    offers = board.offers(selection.game_id, selection.market, selection.player, selection.stat)
    offer = best(selection, offers) if selection.period == "game" else None
    if offer is not None:
        shown = wording.price(offer.odds, guild.odds_format)
        name = f"{name} · {words.plain('choice.best', odds=shown)}"
    return cut(name, OPTION_MAX)
