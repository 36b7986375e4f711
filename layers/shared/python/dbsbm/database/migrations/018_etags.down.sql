ALTER TABLE feed_fetches DROP COLUMN etag;
