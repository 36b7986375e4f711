"""The slip: what a channel shows of a bet, and the private panel behind its buttons."""

from __future__ import annotations

from dbsbm.bets.grading import DECIDED_BY_HAND
from dbsbm.bets.model import Bet, Decision, Pick, RevisionKind, Selection
from dbsbm.betting.settlement import Grade, settle_as
from dbsbm.betting.stakes import Stake
from dbsbm.commands import wording
from dbsbm.commands.words.catalogue import Markdown, Words
from dbsbm.core.ids import encode
from dbsbm.discord import components, custom_id
from dbsbm.discord.components import Style
from dbsbm.discord.definitions import Image, Json, Post
from dbsbm.guilds.model import Capper, Guild
from dbsbm.render.views import LegView, SlipView

FILE = "slip.png"


def slip_post(bet: Bet, guild: Guild, capper: Capper) -> Post:
    """The slip of a new bet, through the channel's webhook under the capper's name and picture."""
    data, image = _message(bet, guild, capper, None)
    target = {
        "channel_id": str(bet.channel_id),
        "username": capper.display_name,
        "avatar_url": capper.avatar_url,
    }
    return Post("slip.post", f"bet:{bet.bet_id}", target, data, (image,))


def slip_edit(bet: Bet, guild: Guild, capper: Capper, decision: Decision | None) -> Post:
    """The same slip as the bet stands now: new terms, a grade, or a grade taken back."""
    data, image = _message(bet, guild, capper, decision)
    return Post("message.edit", f"bet:{bet.bet_id}", {}, data, (image,))


def preview_image(pick: Pick, capper_name: str, guild: Guild, words: Words) -> Image:
    """The picture that follows a preview."""
    view = _view(pick.selection, pick.stake, capper_name, guild, words)
    return Image(FILE, _alt(pick.selection, pick.stake, guild, words), "slip", view.to_json())


def pick_line(selection: Selection, stake: Stake, guild: Guild, words: Words) -> Markdown:
    """One line with the whole pick: what a lock screen shows."""
    return words(
        "slip.line",
        pick=wording.summary_of(selection, stake, guild.odds_format, words),
        matchup=wording.matchup(selection),
        when=wording.moment(selection.starts_at),
    )


def _message(bet: Bet, guild: Guild, capper: Capper, decision: Decision | None) -> tuple[Json, Image]:
    words = Words()
    selection, stake = bet.terms.selection, bet.terms.stake
    graded = decision if bet.grade is not None else None
    alt = _alt(selection, stake, guild, words)
    lines = [pick_line(selection, stake, guild, words)]
    if bet.grade is not None:
        result = _result(bet, words)
        lines.append(words("slip.graded", result=result, rule=_rule(graded)))
        alt = f"{alt} · {result}"
    elif bet.terms.kind is RevisionKind.VERSION:
        lines.append(words("slip.version", number=bet.terms.number, when=wording.moment(bet.terms.priced_at)))
    view = _view(selection, stake, capper.display_name, guild, words, bet=bet, decision=graded)
    data = components.message(
        components.text("\n".join(lines)),
        components.gallery(FILE, alt),
        components.row(
            components.button(words.plain("slip.details"), custom_id.build("slip.details", bet.bet_id)),
            components.button(words.plain("slip.grade"), custom_id.build("slip.grade", bet.bet_id), Style.PRIMARY),
        ),
    )
    return data, Image(FILE, alt, "slip", view.to_json())


def _view(
    selection: Selection,
    stake: Stake,
    capper_name: str,
    guild: Guild,
    words: Words,
    *,
    bet: Bet | None = None,
    decision: Decision | None = None,
) -> SlipView:
    odds = wording.price(selection.odds, guild.odds_format)
    grade = bet.grade.value if bet is not None and bet.grade is not None else ""
    leg = LegView(
        league=words.plain_or(f"league.{selection.league}", selection.league.replace("_", " ").upper()),
        pick=wording.pick_name(selection, words),
        market=words.plain(f"market.{selection.market.value}"),
        matchup=wording.matchup(selection),
        when=wording.full_time(selection.starts_at, guild.zone),
        odds=odds,
        grade=grade,
    )
    return SlipView(
        capper=capper_name,
        ticket=words.plain("ticket.straight"),
        legs=(leg,),
        odds=odds,
        risk=wording.units(stake.risk_micro),
        to_win=wording.units(stake.to_win_micro),
        posted=wording.full_time(bet.posted_at, guild.zone) if bet is not None else "",
        bet_ref=encode(bet.bet_id) if bet is not None else "",
        draft=bet is None,
        grade=grade,
        profit=wording.profit(profit_of(bet)) if bet is not None and grade else "",
        rule=_rule(decision) if decision is not None else "",
    )


def profit_of(bet: Bet) -> int:
    """What a graded bet won or lost, in micro-units; 0 while it is open."""
    if bet.grade is None:
        return 0
    return settle_as(bet.terms.stake, bet.terms.selection.odds, bet.grade)[1]


def _result(bet: Bet, words: Words) -> str:
    return f"{grade_name(bet.grade, words)} {wording.profit(profit_of(bet))}"


def _rule(decision: Decision | None) -> str:
    return "" if decision is None or decision.rule == DECIDED_BY_HAND else decision.rule


def grade_name(grade: Grade | None, words: Words) -> str:
    return words.plain(f"grade.{grade.value}") if grade is not None else words.plain("grade.open")


def _alt(selection: Selection, stake: Stake, guild: Guild, words: Words) -> str:
    return words.plain(
        "slip.alt",
        pick=wording.summary_of(selection, stake, guild.odds_format, words),
        matchup=wording.matchup(selection),
        when=wording.full_time(selection.starts_at, guild.zone),
    )


def details(bet: Bet, guild: Guild, capper: Capper, words: Words, *, best: str, history: str) -> list[str]:
    """The lines of the private details of a bet."""
    selection, stake = bet.terms.selection, bet.terms.stake
    lines: list[str] = [
        pick_line(selection, stake, guild, words),
        words("details.by", capper=capper.display_name, when=wording.moment(bet.posted_at)),
        words("details.money", risk=wording.units(stake.risk_micro), to_win=wording.units(stake.to_win_micro)),
        words(f"price.{bet.terms.price_check.value}"),
    ]
    if best:
        lines.append(words("details.best", best=best))
    if bet.terms.kind is not RevisionKind.POSTED:
        lines.append(words("details.revision", number=bet.terms.number, when=wording.moment(bet.terms.written_at)))
    if history:
        lines.append(history)
    lines.append(words("details.ref", ref=encode(bet.bet_id)))
    return lines
