ALTER TABLE drafts DROP KEY drafts_by_age;
ALTER TABLE webhook_endpoints
    DROP KEY webhook_endpoints_in_the_clear,
    DROP COLUMN plain_http,
    DROP COLUMN url_cipher;
ALTER TABLE bet_revisions DROP COLUMN noted;
