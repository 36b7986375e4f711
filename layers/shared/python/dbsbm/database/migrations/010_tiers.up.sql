-- What communities bought, as Discord told of it last: by interactions, webhook events and the nightly look.
-- state 'live', 'ended' (not listed any more) or 'deleted' (refunded); ends_at NULL while no end is known.
CREATE TABLE entitlements (
    guild_id BIGINT UNSIGNED NOT NULL,
    entitlement_id BIGINT UNSIGNED NOT NULL,
    sku_id BIGINT UNSIGNED NOT NULL,
    starts_at DATETIME(3) NULL,
    ends_at DATETIME(3) NULL,
    state VARCHAR(8) NOT NULL,
    told_at DATETIME(3) NOT NULL,
    PRIMARY KEY (guild_id, entitlement_id),
    KEY entitlements_told (state, told_at)
);
