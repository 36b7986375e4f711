"""``/scores league:``: what was played lately and what is being played."""

from __future__ import annotations

from datetime import timedelta

from dbsbm.commands import answers, board, wording
from dbsbm.commands.teams import nickname
from dbsbm.commands.words.catalogue import Markdown, Words
from dbsbm.discord import components
from dbsbm.discord.definitions import Context, Option, Result, Who, command
from dbsbm.games.facts.model import FINISH, Facts
from dbsbm.games.facts.repository import FactsRepository
from dbsbm.games.model import EventState, Game, GameState
from dbsbm.games.repository import GameRepository
from dbsbm.games.sources.repository import SourceRepository

_BACK = timedelta(days=2)
_AHEAD = timedelta(days=1)
_SHOWN = 20
_OFF = (GameState.POSTPONED, GameState.CANCELLED)


@command(
    "scores",
    "Results and running scores of a league",
    who=Who.MEMBER,
    function=board.FUNCTION,
    options=(Option("league", "Which league", required=True, choices=board.league_choices()),),
)
def scores(ctx: Context) -> Result:
    words = Words(ctx.person.locale)
    league, now = str(ctx.interaction.options["league"]), ctx.clock.now()
    repository = GameRepository(ctx.session)
    games = [
        game
        for game in repository.around(league, now - _BACK, now + _AHEAD)
        if game.starts_at <= now or game.state is not GameState.SCHEDULED
    ][:_SHOWN]
    name = board.league_name(league, words)
    if not games:
        return Result(answers.said(words("scores.none", league=name, days=_BACK.days)))
    ids = [game.game_id for game in games]
    standing, periods = SourceRepository(ctx.session).standing(ids), repository.periods(ids)
    finals = repository.finals(ids)
    facts = FactsRepository(ctx.session).of([game.game_id for game in games if not game.away])
    lines = [words("scores.title", league=name)]
    for game in games:
        if not game.away:
            lines.append(_race(game, facts[game.game_id], words))
            continue
        lines.append(_line(game, standing.get(game.game_id), words))
        lines += _periods(game, periods.get(game.game_id), words)
        if len(set(finals.get(game.game_id, {}).values())) > 1:
            lines.append(_disagreement(game, finals[game.game_id], words))
    return Result(answers.private(components.text("\n".join(lines))))


def _line(game: Game, said: EventState | None, words: Words) -> Markdown:
    values = {"game": board.matchup(game), "when": wording.moment(game.starts_at)}
    if game.state in _OFF:
        return words(f"scores.{game.state.value}", **values)
    if game.home_score is None or game.away_score is None:
        return words("scores.no_score", **values)
    first, second = board.in_order(game, *_named_scores(game))
    values |= {"first": first, "second": second}
    if game.state is GameState.FINAL:
        return words("scores.final", **values)
    return words("scores.suspended" if said is EventState.SUSPENDED else "scores.live", **values)


def _race(game: Game, facts: Facts, words: Words) -> Markdown:
    """The first three of a race, as far as a source tells."""
    values = {"game": board.matchup(game), "when": wording.moment(game.starts_at)}
    if game.state in _OFF:
        return words(f"scores.{game.state.value}", **values)
    lines = next((box.lines for box in facts.boxes if FINISH in box.covers), ())
    first = sorted(lines, key=lambda line: line.stats[FINISH])[:3]
    if game.state is not GameState.FINAL or not first:
        return words("scores.no_score", **values)
    return words(
        "scores.race", **values, first=", ".join(f"{place}. {line.name}" for place, line in enumerate(first, 1))
    )


def _named_scores(game: Game) -> tuple[str, str]:
    home, away = nickname(game.home, game.league), nickname(game.away, game.league)
    return f"{home} {game.home_score}", f"{away} {game.away_score}"


def _periods(game: Game, points: tuple[str, str] | None, words: Words) -> list[Markdown]:
    if points is None or game.state in _OFF:
        return []
    first, second = board.in_order(game, *(each.replace(",", " ") for each in points))
    return [words("scores.periods", first=first, second=second)]


def _disagreement(game: Game, finals: dict[str, tuple[int, int]], words: Words) -> Markdown:
    said = [
        f"{provider}: {'–'.join(board.in_order(game, str(home), str(away)))}"
        for provider, (home, away) in sorted(finals.items())
    ]
    return words("scores.disagree", said=", ".join(said))
