-- Roles that a member asked for and did not get, so that both the member and the admins can be told why.
CREATE TABLE role_refusals (
    guild_id BIGINT UNSIGNED NOT NULL,
    user_id BIGINT UNSIGNED NOT NULL,
    role_id BIGINT UNSIGNED NOT NULL,
    reason VARCHAR(16) NOT NULL,
    since DATETIME(3) NOT NULL,
    PRIMARY KEY (guild_id, user_id, role_id)
);

-- Who wants direct messages with the results of their own tails. state: 'on', 'off', or 'closed' when Discord refused
-- one. Quiet hours are whole hours of the member's zone (NULL: the guild's); NULL hours: none. odds_format NULL: the
-- guild's.
CREATE TABLE direct_members (
    guild_id BIGINT UNSIGNED NOT NULL,
    user_id BIGINT UNSIGNED NOT NULL,
    state VARCHAR(12) NOT NULL DEFAULT 'off',
    locale VARCHAR(8) NOT NULL DEFAULT 'en-US',
    odds_format VARCHAR(12) NULL,
    timezone VARCHAR(64) NULL,
    quiet_from TINYINT UNSIGNED NULL,
    quiet_until TINYINT UNSIGNED NULL,
    changed_at DATETIME(3) NOT NULL,
    PRIMARY KEY (guild_id, user_id)
);

-- Decisions about bets that such a member follows. due_at: when the news may go out, NULL once it has; told_seq: the
-- decision that was told last, 0 for none.
CREATE TABLE tail_news (
    guild_id BIGINT UNSIGNED NOT NULL,
    user_id BIGINT UNSIGNED NOT NULL,
    bet_id BIGINT UNSIGNED NOT NULL,
    told_seq INT UNSIGNED NOT NULL DEFAULT 0,
    due_at DATETIME(3) NULL,
    PRIMARY KEY (guild_id, user_id, bet_id),
    KEY tail_news_due (due_at)
);
