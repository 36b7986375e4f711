-- What a capper writes on a bet is sealed under that capper's key: ``noted`` says that there is something to open.
-- Addresses of endpoints are sealed as their secrets are; ``plain_http`` is what a control asks of them. Drafts go a week
-- after they were touched last.
ALTER TABLE bet_revisions ADD COLUMN noted TINYINT(1) NOT NULL DEFAULT 0;
ALTER TABLE webhook_endpoints
    ADD COLUMN url_cipher VARBINARY(1024) NOT NULL DEFAULT '',
    ADD COLUMN plain_http TINYINT(1) NOT NULL DEFAULT 0,
    ADD KEY webhook_endpoints_in_the_clear (url (8));
ALTER TABLE drafts ADD KEY drafts_by_age (updated_at);
