"""Which legs need more than a final score, and what the sources' facts say of them."""

from __future__ import annotations

from dbsbm.bets.leagues import catalogue_id
from dbsbm.bets.proposals.model import Reason
from dbsbm.bets.selection import Selection
from dbsbm.bets.told.model import Told
from dbsbm.bets.told.periods import with_periods
from dbsbm.bets.told.players import found_in
from dbsbm.betting.catalogue import GAME, REGULATION, League, catalogue
from dbsbm.betting.markets import Market
from dbsbm.betting.names import load_roster
from dbsbm.betting.profile import Participation, RuleProfile
from dbsbm.betting.results import GameResult, OutrightResult, PlayerResult, Status
from dbsbm.betting.scores import REGULATION_MARKETS, counting_score
from dbsbm.core.errors import InputError
from dbsbm.games.facts.model import FINISH, Box, Facts, Q

_DNP = "did not play"
PLACES = {"top_1": 1, "top_3": 3, "top_10": 10}
"""Markets of a race by what stands in a leg's ``stat``: who comes in within so many places has won."""


def needs_more(market: Market, period: str, player: str, league: str) -> bool:
    """Whether the final score does not decide such a leg."""
    if period != GAME or player:
        return True
    known = catalogue().leagues.get(catalogue_id(league))
    return market in REGULATION_MARKETS and (known is None or not known.sport.regulation_only)


def is_baseball(league: str) -> bool:
    """Whether a game may end before its last inning and count by rules of its own."""
    known = catalogue().leagues.get(catalogue_id(league))
    return known is not None and known.sport.sport_id == "baseball"


def told(leg: Selection, score: GameResult, facts: Facts, profile: RuleProfile) -> Told:
    """What the sources say of a leg for which ``needs_more`` holds, of a game that came to ``score``."""
    if leg.market is Market.PLAYER_PROP:
        return _player(leg, score, facts, profile)
    if leg.market is Market.FUTURE:
        return _placed(leg, score, facts)
    if leg.player:
        return Told(None, "", reason=Reason.NO_RULE)
    if score.status is not Status.FINAL:
        return Told(score, score.status.value, 1)
    league = catalogue().leagues.get(catalogue_id(leg.league))
    if league is None:
        return Told(None, "", reason=Reason.NO_RULE)
    return _period(leg, score, facts, league)


def _period(leg: Selection, score: GameResult, facts: Facts, league: League) -> Told:
    said: dict[str, tuple[tuple[int, int], GameResult]] = {}
    for periods in facts.periods:
        result = with_periods(score, periods, league)
        if result is None:
            continue
        try:
            said[periods.provider] = counting_score(leg.leg(), result), result
        except InputError:
            continue  # cut short before this period
    if not said:
        missing = Reason.NO_REGULATION_SCORE if leg.period in (GAME, REGULATION) else Reason.NO_PERIOD_SCORE
        return Told(None, "", reason=missing)
    if len({counted for counted, _ in said.values()}) > 1:
        heard = ", ".join(f"{provider} {away}-{home}" for provider, ((home, away), _) in sorted(said.items()))
        return Told(None, heard, len(said), Reason.DISAGREE)
    (home, away), result = next(iter(said.values()))
    name = "regulation" if leg.period == GAME else leg.period
    return Told(result, f"{name} {away}-{home}", len(said))


def _player(leg: Selection, score: GameResult, facts: Facts, profile: RuleProfile) -> Told:
    if score.status is not Status.FINAL:
        return Told(PlayerResult(0, status=score.status), score.status.value, 1)
    if not facts.boxes:
        return Told(None, "", reason=Reason.NO_BOX_SCORE)
    known = [(box, _line(leg, box, profile)) for box in facts.boxes]
    results = {box.provider: found for box, found in known if isinstance(found, PlayerResult)}
    if not results:
        reasons = [found for _, found in known if isinstance(found, Reason)]
        worst = Reason.UNKNOWN_PLAYER if Reason.UNKNOWN_PLAYER in reasons else reasons[0]
        return Told(None, leg.player, reason=worst)
    if len({(each.value_q, each.participated) for each in results.values()}) > 1:
        heard = ", ".join(f"{provider} {_shown(each)}" for provider, each in sorted(results.items()))
        return Told(None, f"{leg.player}: {heard}", len(results), Reason.DISAGREE)
    result = next(iter(results.values()))
    return Told(result, f"{leg.player} {_shown(result)}", len(results))


def _placed(leg: Selection, score: GameResult, facts: Facts) -> Told:
    """Where somebody came in: among the first ``PLACES`` of the market, or not."""
    if score.status is not Status.FINAL:
        return Told(OutrightResult((0, 1), status=score.status), score.status.value, 1)
    if leg.stat not in PLACES:
        return Told(None, "", reason=Reason.NO_RULE)
    boxes = [box for box in facts.boxes if FINISH in box.covers]
    if not boxes:
        return Told(None, "", reason=Reason.NO_BOX_SCORE)
    league, roster = catalogue_id(leg.league), load_roster()
    lines = {box.provider: found_in(box, leg.player, league, roster) for box in boxes}
    places = {provider: line.stats[FINISH] // Q for provider, line in lines.items() if line is not None}
    if not places:
        return Told(None, leg.player, reason=Reason.UNKNOWN_PLAYER)
    if len(set(places.values())) > 1:
        heard = ", ".join(f"{provider} {place}" for provider, place in sorted(places.items()))
        return Told(None, f"{leg.player}: {heard}", len(places), Reason.DISAGREE)
    place = next(iter(places.values()))
    won = (1, 1) if place <= PLACES[leg.stat] else (0, 1)
    return Told(OutrightResult(won), f"{leg.player} P{place}", len(places))


def _line(leg: Selection, box: Box, profile: RuleProfile) -> PlayerResult | Reason:
    if leg.stat not in box.covers:
        return Reason.NO_SUCH_STAT
    line = found_in(box, leg.player, catalogue_id(leg.league), load_roster())
    if line is None:
        return Reason.UNKNOWN_PLAYER
    starts = profile.prop_participation is Participation.STARTS
    played = line.started if starts and line.participated is not False else line.participated
    if played is None:
        return Reason.MAY_HAVE_PLAYED
    return PlayerResult(line.stats.get(leg.stat, 0) if played else 0, played, played)


def _shown(result: PlayerResult) -> str:
    if not result.participated:
        return _DNP
    whole, part = divmod(result.value_q, Q)
    return f"{whole}" if not part else f"{result.value_q / Q:g}"


def unknown_players(player: str, stat: str, league: str, facts: Facts) -> list[str]:
    """The sources whose box score tells this statistic and does not name the player, or names two of them."""
    roster = load_roster()
    asked = (box for box in facts.boxes if stat in box.covers)
    return [box.provider for box in asked if found_in(box, player, catalogue_id(league), roster) is None]
