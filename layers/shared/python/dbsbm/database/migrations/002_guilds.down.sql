DROP TABLE cappers;
DROP TABLE guilds;
