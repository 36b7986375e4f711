DROP TABLE ledger_entries;
DROP TABLE bet_grades;
DROP TABLE bet_legs;
DROP TABLE bet_revisions;
DROP TABLE bets;
DROP TABLE drafts;
