DROP TABLE legal_holds;
DROP TABLE archive_manifest;
