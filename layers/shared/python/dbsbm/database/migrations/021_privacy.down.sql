DROP TABLE erasures;
DROP TABLE privacy_requests;
