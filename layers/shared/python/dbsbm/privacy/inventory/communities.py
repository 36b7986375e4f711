"""Communities, their cappers and their settings."""

from __future__ import annotations

from dbsbm.privacy.inventory.model import LIFE, Basis, Erase, Purpose, Table

TABLES = (
    Table(
        "cappers",
        Purpose.RECORD,
        Basis.INTEREST,
        LIFE,
        Erase.PSEUDONYMISE,
        identifiers="user_id added_by",
        behavioural="state added_at instant_post",
        content="display_name avatar_url",
        plain="guild_id",
    ),
    Table(
        "community_counters",
        Purpose.COMMUNITY,
        Basis.NONE,
        LIFE,
        Erase.KEEP,
        plain="guild_id counter counter_id shown",
    ),
    Table(
        "community_plans",
        Purpose.COMMUNITY,
        Basis.NONE,
        LIFE,
        Erase.KEEP,
        plain="guild_id channel_id recap_hour reminder_hour top_role_id top_count notice",
    ),
    Table(
        "community_posts",
        Purpose.COMMUNITY,
        Basis.INTEREST,
        "90 days",
        Erase.REDACT,
        content="figures shown told",
        plain="guild_id routine period posted_at",
    ),
    Table(
        "community_routines",
        Purpose.COMMUNITY,
        Basis.NONE,
        LIFE,
        Erase.KEEP,
        plain="guild_id routine due_at",
    ),
    Table(
        "community_top_roles",
        Purpose.COMMUNITY,
        Basis.INTEREST,
        "until the next month ranks somebody",
        Erase.DELETE,
        identifiers="user_id",
        behavioural="role_id state",
        plain="guild_id",
    ),
    Table(
        "direct_members",
        Purpose.SERVICE,
        Basis.CONTRACT,
        LIFE,
        Erase.DELETE,
        identifiers="user_id",
        behavioural="state locale odds_format timezone quiet_from quiet_until changed_at",
        plain="guild_id",
    ),
    Table(
        "entitlements",
        Purpose.OPERATION,
        Basis.NONE,
        LIFE,
        Erase.KEEP,
        plain="guild_id entitlement_id sku_id starts_at ends_at state told_at",
    ),
    Table(
        "guilds",
        Purpose.COMMUNITY,
        Basis.NONE,
        LIFE,
        Erase.KEEP,
        plain=(
            "guild_id slip_channel_id capper_role_id admin_role_id timezone odds_format stake_mode "
            "default_units_micro max_units_micro rule_profile rule_profile_version state created_at updated_at "
            "auto_grade max_open_bets results_channel_id result_cards self_grading admin_channel_id look_due_at "
            "removed_at locale command_channels public_slips"
        ),
    ),
    Table(
        "role_refusals",
        Purpose.COMMUNITY,
        Basis.CONTRACT,
        "until the role is had",
        Erase.DELETE,
        identifiers="user_id",
        behavioural="reason since role_id",
        plain="guild_id",
    ),
    Table(
        "routes",
        Purpose.COMMUNITY,
        Basis.INTEREST,
        "until they are removed",
        Erase.DELETE,
        identifiers="capper_id set_by",
        behavioural="set_at",
        plain="guild_id sport channel_id role_id role_name self_assign",
    ),
    Table(
        "webhook_endpoints",
        Purpose.COMMUNITY,
        Basis.INTEREST,
        LIFE,
        Erase.PSEUDONYMISE,
        identifiers="created_by",
        behavioural="created_at",
        secrets="secret_cipher url_cipher",
        plain=(
            "guild_id endpoint_id url plain_http events state failures failing_since waits_until locked_until locked_by"
        ),
        sealed="secret_cipher url_cipher",
    ),
    Table(
        "webhook_events",
        Purpose.COMMUNITY,
        Basis.INTEREST,
        "30 days",
        Erase.REDACT,
        identifiers="subject_id",
        content="body error",
        plain="guild_id endpoint_id event_id event seq occurred_at state attempts attempted_at status",
    ),
)
