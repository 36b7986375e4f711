ALTER TABLE audit_log DROP COLUMN round_next, DROP COLUMN round_began_at, DROP COLUMN checked_since;
