ALTER TABLE privacy_requests MODIFY cursor_key VARCHAR(64) NOT NULL DEFAULT '';
