"""``/export``: a capper's bets as a private file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from dbsbm.bets.listing.repository import EVER, ListingRepository
from dbsbm.bets.model import Bet
from dbsbm.bets.repository import BetRepository
from dbsbm.betting.odds import OddsFormat
from dbsbm.commands import answers, rights, wording
from dbsbm.commands.words.catalogue import Words
from dbsbm.core.errors import NotAllowedError, NotFoundError
from dbsbm.core.ids import encode
from dbsbm.discord import components
from dbsbm.discord.definitions import Context, Image, Option, OptionType, Reply, Result, Who, command
from dbsbm.guilds.repository import GuildRepository
from dbsbm.tiers import service as tiers
from dbsbm.tiers.model import Limit

FUNCTION = "command_stats"
_MOST = 2000
"""Bets in one file, the latest: what fits an answer that is kept until it is delivered."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_COLUMNS = (
    *("bet", "posted_at", "starts_at", "sports_day", "ticket", "league", "market", "pick", "matchup", "odds"),
    *("risk_units", "to_win_units", "grade", "profit_units", "price_check", "version", "imported"),
)


@command(
    "export",
    "Your bets as a file; admins get any capper's",
    who=Who.MEMBER,
    mode="deferred",
    function=FUNCTION,
    options=(
        Option("format", "Kind of file", required=True, choices=(("CSV", "csv"), ("JSON", "json"))),
        Option("user", "Whose bets, instead of your own: for admins", OptionType.USER),
    ),
)
def export(ctx: Context) -> Result:
    words = Words(ctx.person.locale)
    guild_id = rights.guild_id_of(ctx)
    guilds = GuildRepository(ctx.session, guild_id)
    user_id = int(ctx.interaction.options.get("user", ctx.person.user_id))
    if user_id != ctx.person.user_id and not rights.is_grader(ctx.person, guilds.guild()):
        raise NotAllowedError(words("export.not_yours"))
    if guilds.capper(user_id) is None:
        raise NotFoundError(f"no capper {user_id}")
    listing = ListingRepository(ctx.session, guild_id)
    most = min(_MOST, tiers.most(ctx, Limit.EXPORT_ROWS) or _MOST)
    since = tiers.history_since(ctx, EVER)
    ids = [*listing.open(user_id, most, 0), *listing.graded(user_id, most, 0, since)][:most]
    rows = [_row(bet, words) for bet in BetRepository(ctx.session, guild_id).several(ids)]
    kind = "json" if ctx.interaction.options["format"] == "json" else "csv"
    text = as_json(rows) if kind == "json" else as_csv(rows)
    name = f"bets.{kind}"
    shortened = since > EVER or len(rows) == most < _MOST
    told = words("export.done", count=len(rows)) + (f" {words('tier.shortened')}" if shortened else "")
    file = {"type": 13, "file": {"url": f"attachment://{name}"}}
    reply = answers.private(components.text(told), file)
    return Result(Reply(reply.kind, reply.data, (Image(name, told, "text", {"text": text}),)))


def as_csv(rows: Sequence[dict[str, Any]]) -> str:
    """Comma-separated, with what a spreadsheet would run as a formula made text (OWASP, "CSV Injection")."""
    file = io.StringIO()
    writer = csv.DictWriter(file, _COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return "\ufeff" + file.getvalue()


def as_json(rows: Sequence[dict[str, Any]]) -> str:
    return json.dumps({"bets": list(rows)}, ensure_ascii=False, indent=1) + "\n"


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


def _row(bet: Bet, words: Words) -> dict[str, Any]:
    ticket, leg, stake = bet.terms.ticket, bet.terms.selection, bet.terms.stake
    values = (
        *(encode(bet.bet_id), bet.posted_at.isoformat(), bet.starts_at.isoformat(), bet.sports_day.isoformat()),
        *(ticket.kind.value, leg.league, leg.market.value),
        "; ".join(wording.pick_name(each, words) for each in ticket.legs),
        "; ".join(wording.matchup(each) for each in ticket.legs),
        bet.terms.odds.shown(OddsFormat.DECIMAL),
        *(stake.risk_micro / 1_000_000, stake.to_win_micro / 1_000_000),
        bet.grade.value if bet.grade is not None else "",
        bet.profit_micro / 1_000_000,
        *(bet.terms.price_check.value, bet.terms.number, "yes" if bet.import_id is not None else "no"),
    )
    return dict(zip(_COLUMNS, values, strict=True))
