"""The rules a guild plays by: typed, versioned, stored with each bet.

Defaults and their sources stand in docs/betting.md. A stored profile of an older version keeps its meaning: fields that
came later take the value that version had implied.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from functools import cache
from typing import Any, get_type_hints

from dbsbm.core.errors import InputError

PROFILE_VERSION = 1


class Tie(StrEnum):
    """Two-way moneyline that ends level."""

    PUSH = "push"
    LOSS = "loss"


class Pitcher(StrEnum):
    """Baseball starters: the bet stands whoever pitches, or only if both, or one, of those listed start."""

    ACTION = "action"
    LISTED_BOTH = "listed_both"
    LISTED_ONE = "listed_one"


class TotalEarly(StrEnum):
    """A shortened game whose total was already decided."""

    STAND = "stand"
    VOID = "void"


class Mercy(StrEnum):
    """Baseball ended by a mercy rule: run lines and totals stand, or are void; the moneyline stands."""

    STAND = "stand"
    VOID = "void"


class TennisRetirement(StrEnum):
    """When a match counts that ends by retirement."""

    ONE_SET = "one_set"
    FULL = "full"
    ONE_BALL = "one_ball"
    LOSER_VOID = "loser_void"


class TennisDerived(StrEnum):
    """Games and sets markets of a match that ends by retirement."""

    DETERMINED = "determined"
    VOID = "void"


class SameGameVoid(StrEnum):
    """A same-game parlay with a void leg: its price cannot be divided by a leg's."""

    VOID_TICKET = "void_ticket"
    REPRICE_MANUAL = "reprice_manual"


class TeaserPush(StrEnum):
    """A teaser with a pushed leg."""

    REDUCE = "reduce"
    LOSES = "push_loses"
    REFUND = "push_refunds"


class Participation(StrEnum):
    """What makes a player prop action."""

    ANY = "any"
    STARTS = "starts"


class FutureNonStarter(StrEnum):
    """A future on somebody who never takes part."""

    ALL_IN = "all_in"
    NON_RUNNER_NO_BET = "non_runner_no_bet"


@dataclass(frozen=True, slots=True)
class RuleProfile:
    """Every choice that changes a grade. Hours and minutes are whole numbers."""

    version: int = PROFILE_VERSION
    moneyline_tie: Tie = Tie.PUSH
    pitcher: Pitcher = Pitcher.ACTION
    mlb_total_early: TotalEarly = TotalEarly.STAND
    mlb_mercy: Mercy = Mercy.VOID
    tennis_retirement: TennisRetirement = TennisRetirement.ONE_SET
    tennis_derived: TennisDerived = TennisDerived.DETERMINED
    resume_window_h: int = 24
    mlb_resume_window_h: int = 36
    restart_is_no_action: bool = True
    same_game_void: SameGameVoid = SameGameVoid.VOID_TICKET
    teaser_push: TeaserPush = TeaserPush.REDUCE
    prop_participation: Participation = Participation.ANY
    future_non_starter: FutureNonStarter = FutureNonStarter.ALL_IN
    regrade_window_h: int = 72

    def __post_init__(self) -> None:
        if self.version != PROFILE_VERSION:
            raise _profile_error("version", self.version)
        for name in ("resume_window_h", "mlb_resume_window_h", "regrade_window_h"):
            hours = getattr(self, name)
            if not isinstance(hours, int) or isinstance(hours, bool) or not 0 <= hours <= 24 * 14:
                raise _profile_error(name, hours)

    def to_json(self) -> dict[str, Any]:
        """Plain values, for the column beside the bet."""
        return {name: str(value) if isinstance(value, StrEnum) else value for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> RuleProfile:
        """The stored profile. Raises InputError naming an unknown field or value."""
        types = _field_types()
        unknown = set(stored) - {each.name for each in fields(cls)}
        if unknown:
            raise _profile_error(min(unknown), stored[min(unknown)])
        return cls(**{name: _typed(name, value, types[name]) for name, value in stored.items()})


@cache
def _field_types() -> Mapping[str, type]:
    """Found once: a profile is read at every interaction."""
    return get_type_hints(RuleProfile)


def _typed(name: str, value: Any, wanted: type) -> Any:
    if issubclass(wanted, StrEnum):
        if value not in {str(each) for each in wanted}:
            raise _profile_error(name, value)
        return wanted(value)
    if type(value) is not wanted:
        raise _profile_error(name, value)
    return value


def _profile_error(name: str, value: Any) -> InputError:
    return InputError(name, str(value)[:32], "is not a value of this rule")


DEFAULT_PROFILE = RuleProfile()
