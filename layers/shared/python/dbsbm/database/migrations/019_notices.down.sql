DROP TABLE IF EXISTS tail_news;
DROP TABLE IF EXISTS direct_members;
DROP TABLE IF EXISTS role_refusals;
