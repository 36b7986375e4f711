-- The next part of a copy begins behind the key of the last row given, that of capper_totals being the longest.
ALTER TABLE privacy_requests MODIFY cursor_key VARCHAR(190) NOT NULL DEFAULT '';
