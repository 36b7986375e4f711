ALTER TABLE bet_legs DROP KEY bet_legs_by_market;
DROP TABLE player_names;
DROP TABLE player_lines;
DROP TABLE box_scores;
