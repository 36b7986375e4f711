"""What was asked, answered and sent."""

from __future__ import annotations

from dbsbm.privacy.inventory.model import LIFE, Basis, Erase, Purpose, Table

TABLES = (
    Table(
        "channel_webhooks",
        Purpose.SERVICE,
        Basis.NONE,
        "until Discord has it no more",
        Erase.KEEP,
        secrets="token_cipher",
        plain="guild_id channel_id webhook_id state created_at",
        sealed="token_cipher",
    ),
    Table(
        "interactions",
        Purpose.SERVICE,
        Basis.CONTRACT,
        "24 hours",
        Erase.REDACT,
        identifiers="user_id",
        behavioural="route claimed_at attempts",
        content="reply",
        plain="interaction_id guild_id",
    ),
    Table(
        "outbox",
        Purpose.SERVICE,
        Basis.CONTRACT,
        "7 days once sent, 90 days where it was given up",
        Erase.REDACT,
        identifiers="target target_key",
        content="content images last_error",
        plain="id guild_id kind seq state attempts next_attempt_at expires_at created_at sending_at sent_at message_id "
        "traceparent",
    ),
    Table(
        "outbox_targets",
        Purpose.SERVICE,
        Basis.CONTRACT,
        LIFE,
        Erase.REDACT,
        identifiers="target_key",
        plain="guild_id last_seq channel_id message_id webhook_id locked_until locked_by",
    ),
    Table(
        "unreachable_channels",
        Purpose.SERVICE,
        Basis.NONE,
        "until a message arrives there",
        Erase.KEEP,
        plain="guild_id channel_id discord_code since",
    ),
)
