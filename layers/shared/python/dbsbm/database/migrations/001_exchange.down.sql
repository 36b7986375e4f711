DROP TABLE unreachable_channels;
DROP TABLE channel_webhooks;
DROP TABLE outbox;
DROP TABLE outbox_targets;
DROP TABLE interactions;
