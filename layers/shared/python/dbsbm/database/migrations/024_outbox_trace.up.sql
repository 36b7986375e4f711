-- The span that wrote a row (W3C Trace Context): delivery goes on with its trace, however much later.
ALTER TABLE outbox ADD COLUMN traceparent CHAR(55) CHARACTER SET ascii COLLATE ascii_bin NULL;
