DROP TABLE prop_fetches;
DROP TABLE prop_lines;
