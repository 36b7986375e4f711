"""``/teaser`` and ``/roundrobin``: tickets whose price follows from a card, or from their parlays."""

from __future__ import annotations

from dataclasses import replace

from dbsbm.bets import reading
from dbsbm.bets.model import TicketKind
from dbsbm.bets.reading import Typed
from dbsbm.betting.catalogue import catalogue
from dbsbm.betting.stakes import parse_units
from dbsbm.commands import bet as bet_command
from dbsbm.commands import rights
from dbsbm.commands.words.catalogue import Words
from dbsbm.core.errors import InputError
from dbsbm.discord.definitions import Context, Option, Result, Who, command
from dbsbm.guilds.model import Guild
from dbsbm.guilds.repository import GuildRepository

FUNCTION = bet_command.FUNCTION
_LEGS = Option("legs", "Spreads and totals at the book's lines, ; between them", required=True, max_length=2000)
_SIZES = ((2, "2"), (3, "3"), (4, "4"))


@command(
    "teaser",
    "Post a teaser: every line moved your way, paid by the card",
    who=Who.CAPPER,
    function=FUNCTION,
    options=(
        _LEGS,
        Option(
            "card",
            "By how many points",
            choices=tuple((card.name, card.card_id) for card in catalogue().teasers.values()),
        ),
        Option("units", "The stake, for example 1u", max_length=24),
    ),
)
def teaser(ctx: Context) -> Result:
    guild, words = _ready(ctx)
    cards = catalogue().teasers
    card = cards.get(str(ctx.interaction.options.get("card") or ""), next(iter(cards.values())))
    legs, typed = _legs(ctx, guild, words)
    amount, filled = _units(ctx, guild)
    found = reading.teaser(_several(legs, typed), card, amount, guild.stake_mode)
    found = Typed(replace(found.ticket, filled=filled), found.choices)
    bet_command.check(found, guild)
    return bet_command.opened(ctx, typed, found, guild)


@command(
    "roundrobin",
    "Post a round robin: every parlay of some sizes out of your legs",
    who=Who.CAPPER,
    function=FUNCTION,
    options=(
        Option(
            "legs", "For example: chiefs -3 -110; bills ml -140; over 44.5 rams -105", required=True, max_length=2000
        ),
        Option("by", "Sizes of the parlays, for example 2 or 2,3", required=True, max_length=24),
        Option("units", "The stake on each parlay, for example 0.5u", max_length=24),
    ),
)
def round_robin(ctx: Context) -> Result:
    guild, words = _ready(ctx)
    legs, typed = _legs(ctx, guild, words)
    amount, filled = _units(ctx, guild)
    found = reading.round_robin(_several(legs, typed), _sizes(str(ctx.interaction.options["by"]), words), amount)
    found = Typed(replace(found.ticket, filled=filled), found.choices)
    bet_command.check(found, guild)
    return bet_command.opened(ctx, typed, found, guild)


def _ready(ctx: Context) -> tuple[Guild, Words]:
    words = Words(ctx.person.locale)
    return rights.ready(GuildRepository(ctx.session, rights.guild_id_of(ctx)).guild(), words), words


def _legs(ctx: Context, guild: Guild, words: Words) -> tuple[Typed, str]:
    typed = str(ctx.interaction.options["legs"])
    return bet_command.read(ctx, f"parlay\n{typed}", guild, words, check_stake=False), typed


def _several(legs: Typed, typed: str) -> Typed:
    """Raises InputError where the text is no list of legs."""
    if legs.ticket.kind is not TicketKind.PARLAY:
        raise InputError("legs", typed, "are not legs with ; between them", "chiefs -3; bills -7")
    return legs


def _units(ctx: Context, guild: Guild) -> tuple[int, tuple[str, ...]]:
    typed = str(ctx.interaction.options.get("units") or "")
    return (parse_units(typed), ()) if typed else (guild.default_units_micro, ("stake",))


def _sizes(typed: str, words: Words) -> tuple[int, ...]:
    """ "2,3" → (2, 3). Raises InputError."""
    parts = typed.lower().replace("s", "").replace("and", ",").replace(" ", ",").split(",")
    numbers = [part for part in parts if part]
    if not numbers or not all(part.isdigit() and len(part) <= 2 for part in numbers):
        raise InputError("sizes", typed, words.plain("problem.sizes"), "2,3")
    return tuple(dict.fromkeys(int(part) for part in numbers))
