"""The tables ``guilds`` and ``cappers``, always of one guild."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from dbsbm.audit.events import Kind, Subject, person
from dbsbm.audit.repository import AuditRepository
from dbsbm.betting.odds import OddsFormat
from dbsbm.betting.profile import DEFAULT_PROFILE, RuleProfile
from dbsbm.betting.stakes import StakeMode
from dbsbm.database.session import Row, Session
from dbsbm.guilds.model import LOOK_EVERY, Capper, Guild, Setting

_GUILD = """SELECT guild_id, slip_channel_id, capper_role_id, admin_role_id, timezone, odds_format, stake_mode,
 default_units_micro, max_units_micro, results_channel_id, admin_channel_id,
 result_cards, self_grading, auto_grade, max_open_bets, rule_profile, rule_profile_version, state, locale,
 command_channels, public_slips FROM guilds WHERE guild_id = %s"""
_CAPPER = "SELECT guild_id, user_id, display_name, avatar_url, state, added_at, instant_post FROM cappers"

_SET: dict[Setting, str] = {
    Setting.RESULTS_CHANNEL: "UPDATE guilds SET results_channel_id = %s, updated_at = %s WHERE guild_id = %s",
    Setting.ADMIN_CHANNEL: "UPDATE guilds SET admin_channel_id = %s, updated_at = %s WHERE guild_id = %s",
    Setting.COMMAND_CHANNELS: "UPDATE guilds SET command_channels = %s, updated_at = %s WHERE guild_id = %s",
    Setting.RESULT_CARDS: "UPDATE guilds SET result_cards = %s, updated_at = %s WHERE guild_id = %s",
    Setting.TIMEZONE: "UPDATE guilds SET timezone = %s, updated_at = %s WHERE guild_id = %s",
    Setting.ODDS_FORMAT: "UPDATE guilds SET odds_format = %s, updated_at = %s WHERE guild_id = %s",
    Setting.STAKE_MODE: "UPDATE guilds SET stake_mode = %s, updated_at = %s WHERE guild_id = %s",
    Setting.DEFAULT_UNITS: "UPDATE guilds SET default_units_micro = %s, updated_at = %s WHERE guild_id = %s",
    Setting.MAX_UNITS: "UPDATE guilds SET max_units_micro = %s, updated_at = %s WHERE guild_id = %s",
    Setting.MAX_OPEN_BETS: "UPDATE guilds SET max_open_bets = %s, updated_at = %s WHERE guild_id = %s",
    Setting.SELF_GRADING: "UPDATE guilds SET self_grading = %s, updated_at = %s WHERE guild_id = %s",
    Setting.AUTO_GRADE: "UPDATE guilds SET auto_grade = %s, updated_at = %s WHERE guild_id = %s",
    Setting.PUBLIC_SLIPS: "UPDATE guilds SET public_slips = %s, updated_at = %s WHERE guild_id = %s",
}


class GuildRepository:
    """Settings and cappers of one guild."""

    def __init__(self, session: Session, guild_id: int) -> None:
        self._session = session
        self._guild_id = guild_id
        self._audit = AuditRepository(session, guild_id)

    def guild(self) -> Guild | None:
        # By PRIMARY.
        row = self._session.one(_GUILD, (self._guild_id,))
        return None if row is None else _guild(row)

    def standing(self) -> tuple[str, Sequence[int]]:
        """The state, "active" also of a guild we do not know, and the channels that take commands (none: all)."""
        # By PRIMARY.
        row = self._session.one("SELECT state, command_channels FROM guilds WHERE guild_id = %s", (self._guild_id,))
        return ("active", ()) if row is None else (str(row["state"]), _ids(row["command_channels"]))

    def revive(self, now: datetime) -> None:
        """Make sure the guild's row exists and is active: an install, or any set-up after one we did not hear of.

        One whose data is being removed stays as it is until that is done.
        """
        look_at = now + LOOK_EVERY
        # By PRIMARY.
        self._session.execute(
            """INSERT INTO guilds (guild_id, rule_profile, look_due_at, created_at, updated_at)
               VALUES (%s, %s, %s, %s, %s)
               ON DUPLICATE KEY UPDATE updated_at = IF(state = 'active', updated_at, %s),
               look_due_at = IF(state = 'leaving', NULL, %s),
               removed_at = IF(state = 'leaving', removed_at, NULL), state = IF(state = 'leaving', state, 'active')""",
            (self._guild_id, json.dumps(DEFAULT_PROFILE.to_json()), look_at, now, now, now, look_at),
        )
        self._audit.append(Kind.GUILD_INSTALLED, Subject("guild"))

    def set_locale(self, locale: str, now: datetime) -> None:
        """The language of public posts, as Discord names it ("en-US")."""
        # By PRIMARY.
        changed = self._session.execute(
            "UPDATE guilds SET locale = %s, updated_at = %s WHERE guild_id = %s AND locale <> %s",
            (locale, now, self._guild_id, locale),
        )
        if changed:
            self._changed("locale", locale)

    def set_slip_channel(self, channel_id: int, now: datetime) -> None:
        # By PRIMARY.
        self._session.execute(
            "UPDATE guilds SET slip_channel_id = %s, updated_at = %s WHERE guild_id = %s",
            (channel_id, now, self._guild_id),
        )
        self._changed("slip_channel_id", channel_id)

    def set_capper_role(self, role_id: int, now: datetime) -> None:
        # By PRIMARY.
        self._session.execute(
            "UPDATE guilds SET capper_role_id = %s, updated_at = %s WHERE guild_id = %s",
            (role_id, now, self._guild_id),
        )
        self._changed("capper_role_id", role_id)

    def set_admin_role(self, role_id: int, now: datetime) -> None:
        # By PRIMARY.
        self._session.execute(
            "UPDATE guilds SET admin_role_id = %s, updated_at = %s WHERE guild_id = %s",
            (role_id, now, self._guild_id),
        )
        self._changed("admin_role_id", role_id)

    def set_setting(self, name: Setting, value: object, now: datetime) -> None:
        """Change one setting; the enum's value is the column."""
        # By PRIMARY.
        self._session.execute(
            _SET[name],
            (value, now, self._guild_id),
        )
        self._changed(name.value, value)

    def set_rules(self, profile: RuleProfile, rule: str, value: str, version: int, now: datetime) -> bool:
        """Bring the rules that new bets are graded by from ``version`` to the next; False when they moved on."""
        # By PRIMARY.
        changed = self._session.execute(
            "UPDATE guilds SET rule_profile = %s, rule_profile_version = rule_profile_version + 1, updated_at = %s "
            "WHERE guild_id = %s AND rule_profile_version = %s",
            (json.dumps(profile.to_json()), now, self._guild_id, version),
        )
        if changed:
            self._changed(f"rule:{rule}", value)
        return bool(changed)

    def _changed(self, setting: str, value: object) -> None:
        self._audit.append(Kind.GUILD_SETTING, Subject(f"setting:{setting}"), {"value": str(value)[:200]})

    def pause_capper(self, user_id: int, *, paused: bool) -> None:
        """Keep a capper from posting for a while, or let them again; a removed one stays removed."""
        # By PRIMARY.
        self._session.execute(
            "UPDATE cappers SET state = %s WHERE guild_id = %s AND user_id = %s AND state = %s",
            (
                *(
                    ("paused", self._guild_id, user_id, "active")
                    if paused
                    else ("active", self._guild_id, user_id, "paused")
                ),
            ),
        )
        self._audit.append(Kind.CAPPER_CHANGED, person(user_id), {"paused": paused})

    def set_profile(self, user_id: int, display_name: str, avatar_url: str) -> None:
        """The name and picture that a capper's slips carry from now on."""
        # By PRIMARY.
        self._session.execute(
            "UPDATE cappers SET display_name = %s, avatar_url = %s WHERE guild_id = %s AND user_id = %s",
            (display_name, avatar_url, self._guild_id, user_id),
        )
        sealed = {"display_name": display_name, "avatar_url": avatar_url}
        self._audit.append(Kind.CAPPER_CHANGED, person(user_id), {"profile": True}, sealed)

    def capper(self, user_id: int) -> Capper | None:
        """A capper, removed ones too: their record still has a name."""
        # By PRIMARY.
        row = self._session.one(f"{_CAPPER} WHERE guild_id = %s AND user_id = %s", (self._guild_id, user_id))
        return None if row is None else _capper(row)

    def lock_capper(self, user_id: int) -> None:
        """Hold a capper's row until the transaction ends: of two posts at once the second sees the first."""
        # By PRIMARY.
        self._session.one(
            "SELECT user_id FROM cappers WHERE guild_id = %s AND user_id = %s FOR UPDATE", (self._guild_id, user_id)
        )

    def cappers(self, after_user_id: int = 0, limit: int = 100) -> Sequence[Capper]:
        """Active cappers by user id, a page at a time."""
        # By PRIMARY, a range of user ids.
        rows = self._session.all(
            f"{_CAPPER} WHERE guild_id = %s AND user_id > %s AND state = 'active' ORDER BY user_id LIMIT %s",
            (self._guild_id, after_user_id, limit),
        )
        return [_capper(row) for row in rows]

    def capper_count(self) -> int:
        """How many cappers there are, paused ones too; a removed one is none."""
        # By PRIMARY, the guild's rows.
        row = self._session.one(
            "SELECT COUNT(*) AS cappers FROM cappers WHERE guild_id = %s AND state <> 'removed'", (self._guild_id,)
        )
        return 0 if row is None else int(row["cappers"])

    def put_capper(self, user_id: int, display_name: str, avatar_url: str, added_by: int, now: datetime) -> None:
        """Add a capper, bring a removed one back, or change name and picture."""
        # By PRIMARY.
        self._session.execute(
            """INSERT INTO cappers (guild_id, user_id, display_name, avatar_url, added_by, added_at)
               VALUES (%s, %s, %s, %s, %s, %s)
               ON DUPLICATE KEY UPDATE display_name = %s, avatar_url = %s, state = 'active'""",
            (self._guild_id, user_id, display_name, avatar_url, added_by, now, display_name, avatar_url),
        )
        sealed = {"display_name": display_name, "avatar_url": avatar_url}
        self._audit.append(Kind.CAPPER_PUT, person(user_id), sealed=sealed)

    def set_instant_post(self, user_id: int, instant: bool) -> None:
        # By PRIMARY.
        self._session.execute(
            "UPDATE cappers SET instant_post = %s WHERE guild_id = %s AND user_id = %s",
            (instant, self._guild_id, user_id),
        )
        self._audit.append(Kind.CAPPER_CHANGED, person(user_id), {"instant_post": instant})

    def remove_capper(self, user_id: int) -> None:
        # By PRIMARY.
        self._session.execute(
            "UPDATE cappers SET state = 'removed' WHERE guild_id = %s AND user_id = %s", (self._guild_id, user_id)
        )
        self._audit.append(Kind.CAPPER_REMOVED, person(user_id))


def _ids(text: str) -> tuple[int, ...]:
    return tuple(int(each) for each in text.split(",") if each)


def _guild(row: Row) -> Guild:
    return Guild(
        guild_id=row["guild_id"],
        slip_channel_id=row["slip_channel_id"],
        capper_role_id=row["capper_role_id"],
        admin_role_id=row["admin_role_id"],
        timezone=row["timezone"],
        odds_format=OddsFormat(row["odds_format"]),
        stake_mode=StakeMode(row["stake_mode"]),
        default_units_micro=row["default_units_micro"],
        max_units_micro=row["max_units_micro"],
        rule_profile=RuleProfile.from_json(json.loads(row["rule_profile"])),
        rule_profile_version=row["rule_profile_version"],
        state=row["state"],
        results_channel_id=row["results_channel_id"],
        result_cards=bool(row["result_cards"]),
        self_grading=bool(row["self_grading"]),
        auto_grade=bool(row["auto_grade"]),
        max_open_bets=row["max_open_bets"],
        locale=row["locale"],
        admin_channel_id=row["admin_channel_id"],
        command_channels=_ids(row["command_channels"]),
        public_slips=bool(row["public_slips"]),
    )


def _capper(row: Row) -> Capper:
    return Capper(
        guild_id=row["guild_id"],
        user_id=row["user_id"],
        display_name=row["display_name"],
        avatar_url=row["avatar_url"],
        active=row["state"] == "active",
        paused=row["state"] == "paused",
        added_at=row["added_at"],
        instant_post=bool(row["instant_post"]),
    )
