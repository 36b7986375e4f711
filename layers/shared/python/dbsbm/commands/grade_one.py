"""``/grade``: the panel of one bet, found by typing, for whoever is not at its slip."""

from __future__ import annotations

from collections.abc import Sequence

from dbsbm.bets.evening.repository import EveningRepository
from dbsbm.bets.repository import BetRepository
from dbsbm.commands import grade, rights, wording
from dbsbm.commands.words.catalogue import Words
from dbsbm.core.errors import InputError
from dbsbm.core.ids import decode, encode
from dbsbm.discord.components import OPTION_MAX, cut
from dbsbm.discord.definitions import Context, Option, Result, Who, autocomplete, command
from dbsbm.guilds.repository import GuildRepository

_LOOKED_AT = 60
_MAX = 25


@command(
    "grade",
    "Grade a bet, or propose the grade of your own",
    who=Who.MEMBER,
    function=grade.FUNCTION,
    options=(
        Option(
            "bet", "A bet that waits, or the number in a bet's Details", required=True, autocomplete=True, max_length=20
        ),
    ),
)
def one(ctx: Context) -> Result:
    """As *Grade* on the slip: rights are checked there."""
    typed = str(ctx.interaction.options["bet"]).strip().lower()
    try:
        bet_id = decode(typed)
    except ValueError as error:
        problem = Words(ctx.person.locale).plain("problem.bet")
        raise InputError("bet", typed, problem) from error
    return grade.open_panel(ctx, bet_id)


@autocomplete("grade", "bet", function=grade.FUNCTION)
def waiting(ctx: Context, typed: str) -> Sequence[tuple[str, str]]:
    """What waits: all of it for those who grade, the own bets for others."""
    guild = GuildRepository(ctx.session, rights.guild_id_of(ctx)).guild()
    if guild is None:
        return ()
    words, wanted = Words(ctx.person.locale), typed.strip().lower()
    ids = EveningRepository(ctx.session, guild.guild_id).waiting(ctx.clock.now(), _LOOKED_AT)
    bets = BetRepository(ctx.session, guild.guild_id).several(ids)
    everything = rights.is_grader(ctx.person, guild)
    shown = [
        (f"{wording.summary(bet.terms.ticket, guild.odds_format, words)} · {wording.matchup(bet.terms.selection)}", bet)
        for bet in bets
        if everything or bet.capper_id == ctx.person.user_id
    ]
    found = [(cut(name, OPTION_MAX), encode(bet.bet_id)) for name, bet in shown if wanted in name.lower()]
    return found[:_MAX]
