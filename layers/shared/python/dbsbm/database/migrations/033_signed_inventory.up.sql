-- The inventory of data that a statement was made before: an impact assessment is signed for it and for no other.
ALTER TABLE compliance_statements ADD COLUMN inventory CHAR(64) NOT NULL DEFAULT '';
