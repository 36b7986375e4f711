-- Pseudonyms that are led back for a case: asked for by one of the operators, approved by another, hidden again after a
-- day. Whose name it is stands nowhere.
CREATE TABLE reveals (
    reveal_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    case_id VARCHAR(40) NOT NULL,
    dataset VARCHAR(40) NOT NULL,
    pseudonym VARCHAR(32) NOT NULL,
    asked_by VARCHAR(40) NOT NULL,
    asked_at DATETIME(3) NOT NULL,
    approved_by VARCHAR(40) NULL,
    approved_at DATETIME(3) NULL,
    hidden_at DATETIME(3) NULL
);
