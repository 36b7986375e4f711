"""Daily and weekly recaps: what each capper's bets came to; ``corrections.py`` tells when that changed afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from dbsbm.bets.evening.repository import EveningRepository
from dbsbm.bets.model import Bet
from dbsbm.bets.record.repository import RecordRepository
from dbsbm.bets.repository import BetRepository
from dbsbm.bets.standings.model import Total
from dbsbm.commands import corrections, wording
from dbsbm.commands.leaderboard import record_of, signed
from dbsbm.commands.words.catalogue import Markdown, Words
from dbsbm.community.figures import Figures, figures, roi
from dbsbm.community.model import Posted, Routine
from dbsbm.community.moments import Occurrence
from dbsbm.community.turn import Turn
from dbsbm.discord import components
from dbsbm.discord.components import cut
from dbsbm.discord.definitions import Image, Post
from dbsbm.outbox.model import Place
from dbsbm.outbox.repository import OutboxQueue
from dbsbm.render.views import RecapRow, RecapView

FILE = "recap.png"
KEPT = timedelta(days=90)
_CAPPERS = 15
_ON_PICTURE = 10
_OPEN_SHOWN = 5
_ROOM = 3400
"""Of a message's characters, so that a correction below has the rest."""
_MOST_OPEN = 500


@dataclass(frozen=True, slots=True)
class _Told:
    """What a recap tells: ``extremes`` are (bet, profit) of the best and the worst bet, ``left`` the open bets."""

    routine: Routine
    first: date
    last: date
    figures: Figures
    extremes: Sequence[tuple[Bet, int]]
    left: Sequence[Bet]
    places: Mapping[str, Place]
    open_count: int


def recap(turn: Turn, occurrence: Occurrence) -> list[Post]:
    """The recap of the days that an occurrence speaks of; nothing when there was no bet."""
    told = _told(turn, occurrence)
    if not told.figures.cappers and not told.open_count:
        return []
    words = Words(turn.guild.locale)
    view = _view(told, words)
    image = Image(FILE, _alt(view, words), "recap", view.to_json())
    content = [components.text("\n".join(_fitting(told, turn, words)))]
    images: list[Image] = []
    if told.figures.cappers:
        content.append(components.gallery(FILE, image.alt))
        images.append(image)
    data = components.message(*content)
    shown = {"data": data, "images": [each.to_json() for each in images]}
    post = Posted(occurrence.routine, occurrence.first, turn.at, told.figures.to_json(), shown)
    turn.repository.add_post(post)
    turn.repository.forget_posts(occurrence.routine, occurrence.first - KEPT)
    key = corrections.target_key(turn, occurrence.routine, occurrence.first)
    return [Post("message.post", key, {"channel_id": str(turn.channel_id)}, data, tuple(images))]


def _told(turn: Turn, occurrence: Occurrence) -> _Told:
    guild_id, first, last = turn.guild.guild_id, occurrence.first, occurrence.last
    found = figures(total for _, total in corrections.days(turn, first, last))
    cappers = [line.capper_id for line in found.cappers]
    extremes = RecordRepository(turn.session, guild_id).extremes(cappers, first, last)
    left = EveningRepository(turn.session, guild_id).left(first, last, turn.at, _MOST_OPEN)
    wanted = list(dict.fromkeys([*(bet_id for bet_id, _ in extremes), *left[:_OPEN_SHOWN]]))
    bets = {bet.bet_id: bet for bet in BetRepository(turn.session, guild_id).several(wanted)}
    places = OutboxQueue(turn.session).places([f"bet:{bet_id}" for bet_id in wanted])
    best_and_worst = [(bets[bet_id], profit) for bet_id, profit in extremes if bet_id in bets]
    open_bets = [bets[bet_id] for bet_id in left[:_OPEN_SHOWN] if bet_id in bets]
    return _Told(occurrence.routine, first, last, found, best_and_worst, open_bets, places, len(left))


def _fitting(told: _Told, turn: Turn, words: Words) -> list[Markdown]:
    """The lines, with as many cappers as there is room for."""
    count = _CAPPERS
    lines = _lines(told, turn, words, count)
    while count > 1 and len("\n".join(lines)) > _ROOM:
        count -= 1
        lines = _lines(told, turn, words, count)
    return lines


def _lines(told: _Told, turn: Turn, words: Words, count: int) -> list[Markdown]:
    lines = [words(f"recap.{told.routine.value}", period=_period(told, words))]
    if told.figures.cappers:
        lines.append(_total(told.figures.whole, words))
        lines.extend(_capper(line, words) for line in told.figures.cappers[:count])
        if len(told.figures.cappers) > count:
            lines.append(words("recap.more", count=len(told.figures.cappers) - count))
    else:
        lines.append(words("recap.nothing"))
    for bet, profit in told.extremes:
        if profit:
            key = "recap.best" if profit > 0 else "recap.worst"
            capper = told.figures.of(bet.capper_id)
            name = cut(capper.name, 40) if capper is not None else ""
            pick = _pick(bet, told, turn, words)
            lines.append(words(key, pick=pick, name=name, profit=wording.profit(profit)))
    if told.open_count:
        lines.append(words("recap.open", count=told.open_count))
        lines.extend(words("recap.open_bet", pick=_pick(bet, told, turn, words)) for bet in told.left)
    return lines


def _period(told: _Told, words: Words) -> str:
    first, last = wording.long_date(told.first, words), wording.long_date(told.last, words)
    if told.first != told.last:
        return words.plain("recap.days", first=first, last=last)
    return words.plain("recap.day", weekday=words.names("format.weekdays")[told.first.weekday()], date=first)


def _total(total: Total, words: Words) -> Markdown:
    return words(
        "recap.total",
        record=record_of(total),
        units=wording.profit(total.profit_micro),
        roi=wording.gain(roi(total)),
        count=total.bets + total.voided,
    )


def _capper(total: Total, words: Words) -> Markdown:
    return words(
        "recap.capper",
        name=cut(total.name, 40),
        record=record_of(total),
        units=wording.profit(total.profit_micro),
        roi=wording.gain(roi(total)),
    )


def _pick(bet: Bet, told: _Told, turn: Turn, words: Words) -> Markdown:
    """The pick, as a link to its slip where that stands in a channel."""
    name = words("recap.pick", pick=cut(wording.summary(bet.terms.ticket, turn.guild.odds_format, words), 80))
    place = told.places.get(f"bet:{bet.bet_id}")
    if place is None:
        return name
    return Markdown(f"[{name}]({wording.message_link(turn.guild.guild_id, place.channel_id, place.message_id)})")


def _view(told: _Told, words: Words) -> RecapView:
    whole, shown = told.figures.whole, told.figures.cappers[:_ON_PICTURE]
    more = len(told.figures.cappers) - len(shown)
    rows = [RecapRow(each.name, record_of(each), signed(each.profit_micro), wording.gain(roi(each))) for each in shown]
    return RecapView(
        title=words.plain(f"recap.title_{told.routine.value}"),
        period=_period(told, words),
        record=record_of(whole),
        units=signed(whole.profit_micro),
        roi=wording.gain(roi(whole)),
        headings=tuple(words.plain(f"board.column_{name}") for name in ("record", "units", "roi")),
        rows=tuple(rows),
        note=words.plain("recap.more", count=more) if more else "",
    )


def _alt(view: RecapView, words: Words) -> str:
    rows = [
        words.plain("recap.alt_row", name=cut(row.name, 40), record=row.record, units=row.units, roi=row.roi)
        for row in view.rows
    ]
    head = words.plain("recap.alt", title=view.title, period=view.period, record=view.record, units=view.units)
    return "; ".join([head, *rows])
