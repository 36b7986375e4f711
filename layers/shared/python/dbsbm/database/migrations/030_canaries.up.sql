-- Somebody who does not exist, written and erased each day. places: where something of them was found afterwards.
CREATE TABLE canaries (
    day DATE NOT NULL PRIMARY KEY,
    request_id BIGINT UNSIGNED NOT NULL,
    planted_at DATETIME(3) NOT NULL,
    searched_at DATETIME(3) NULL,
    places INT UNSIGNED NULL
);
