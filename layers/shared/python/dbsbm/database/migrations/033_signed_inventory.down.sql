ALTER TABLE compliance_statements DROP COLUMN inventory;
