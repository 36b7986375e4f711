ALTER TABLE ledger_entries DROP COLUMN imported;
ALTER TABLE bets DROP COLUMN import_id;
DROP TABLE imported_rows;
DROP TABLE imports;
