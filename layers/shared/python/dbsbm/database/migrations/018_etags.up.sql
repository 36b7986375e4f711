-- What the provider called the document that was taken in last, to be asked whether there is another; '' where it has none,
-- or where something in it was not taken in.
ALTER TABLE feed_fetches ADD COLUMN etag VARCHAR(190) NOT NULL DEFAULT '';
