DROP TABLE audit_checkpoints;
DROP TABLE audit_log;
DROP TABLE audit_tiles;
DROP TABLE audit_secrets;
DROP TABLE audit_events;
