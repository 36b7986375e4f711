DROP TABLE compliance_recipients;
DROP TABLE compliance_reports;
DROP TABLE compliance_workflows;
DROP TABLE compliance_findings;
DROP TABLE compliance_statements;
DROP TABLE compliance_results;
DROP TABLE compliance_runs;
