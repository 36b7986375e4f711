DROP TABLE community_top_roles;
DROP TABLE community_counters;
DROP TABLE community_posts;
DROP TABLE community_routines;
DROP TABLE community_plans;
