"""A community and its cappers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from dbsbm.betting.odds import OddsFormat
from dbsbm.betting.profile import RuleProfile
from dbsbm.betting.stakes import StakeMode

LEAVING = "leaving"
"""State of a guild whose data is being removed: it is done to the end, whoever comes back meanwhile."""
LOOK_EVERY = timedelta(days=7)
"""How long we believe that we are in a guild without asking: nobody tells us when a bot is removed."""


class Setting(StrEnum):
    """What an admin can change by itself; the value is the column."""

    RESULTS_CHANNEL = "results_channel_id"
    ADMIN_CHANNEL = "admin_channel_id"
    COMMAND_CHANNELS = "command_channels"
    RESULT_CARDS = "result_cards"
    TIMEZONE = "timezone"
    ODDS_FORMAT = "odds_format"
    STAKE_MODE = "stake_mode"
    DEFAULT_UNITS = "default_units_micro"
    MAX_UNITS = "max_units_micro"
    MAX_OPEN_BETS = "max_open_bets"
    SELF_GRADING = "self_grading"
    AUTO_GRADE = "auto_grade"
    PUBLIC_SLIPS = "public_slips"


@dataclass(frozen=True, slots=True)
class Guild:
    """A community's settings. Unit amounts are micro-units; ``None`` ids are not set yet."""

    guild_id: int
    slip_channel_id: int | None
    capper_role_id: int | None
    admin_role_id: int | None
    timezone: str
    odds_format: OddsFormat
    stake_mode: StakeMode
    default_units_micro: int
    max_units_micro: int
    rule_profile: RuleProfile
    rule_profile_version: int
    state: str
    results_channel_id: int | None = None
    """Where result cards go; None: to the channel of the slips."""
    result_cards: bool = True
    self_grading: bool = False
    """Whether cappers who may grade decide on their own bets; it is marked then."""
    auto_grade: bool = False
    """Whether two agreeing sources decide without a person."""
    max_open_bets: int = 0
    """How many bets a capper may have open; 0: as many as wanted."""
    locale: str = "en-US"
    """The language of public posts."""
    admin_channel_id: int | None = None
    """Where those who grade are told what waits for them; None: nowhere."""
    command_channels: tuple[int, ...] = ()
    """Where commands are taken; none: in every channel."""
    public_slips: bool = False
    """Whether cappers may make pictures of their slips public."""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


@dataclass(frozen=True, slots=True)
class Capper:
    """Who posts bets, and under which name and picture; ``active`` is False once removed."""

    guild_id: int
    user_id: int
    display_name: str
    avatar_url: str
    active: bool
    added_at: datetime
    instant_post: bool = False
    paused: bool = False
    """Not posting for a while; the record goes on."""
