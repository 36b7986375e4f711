-- One run of all controls. sha256: of the run's document in the bucket evidence. cursor_guild: the last community whose
-- data was looked into, the next run goes on behind it.
CREATE TABLE compliance_runs (
    run_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    at DATETIME(3) NOT NULL,
    satisfied SMALLINT UNSIGNED NOT NULL,
    not_satisfied SMALLINT UNSIGNED NOT NULL,
    not_applicable SMALLINT UNSIGNED NOT NULL,
    manual SMALLINT UNSIGNED NOT NULL,
    not_tested SMALLINT UNSIGNED NOT NULL,
    took_ms INT UNSIGNED NOT NULL,
    sha256 CHAR(64) NOT NULL,
    cursor_guild BIGINT UNSIGNED NOT NULL DEFAULT 0,
    KEY compliance_runs_by_time (at)
);

-- What each control came to. evidence: SHA-256 of the object it was judged by, '' where there was none.
CREATE TABLE compliance_results (
    run_id BIGINT UNSIGNED NOT NULL,
    control VARCHAR(48) NOT NULL,
    state VARCHAR(16) NOT NULL,
    observed VARCHAR(500) NOT NULL,
    evidence VARCHAR(64) NOT NULL,
    PRIMARY KEY (run_id, control),
    KEY compliance_results_by_control (control, run_id)
);

-- What operators stated of controls that only a person can look at.
CREATE TABLE compliance_statements (
    statement_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    control VARCHAR(48) NOT NULL,
    said VARCHAR(24) NOT NULL,
    text VARCHAR(400) NOT NULL,
    operator VARCHAR(32) NOT NULL,
    at DATETIME(3) NOT NULL,
    KEY compliance_statements_by_control (control, statement_id)
);

-- A control that is not satisfied. state 'open', 'excepted' or 'closed'. next_at: when it climbs the ladder next.
CREATE TABLE compliance_findings (
    finding_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    control VARCHAR(48) NOT NULL,
    priority VARCHAR(8) NOT NULL,
    state VARCHAR(12) NOT NULL,
    opened_at DATETIME(3) NOT NULL,
    due_at DATETIME(3) NOT NULL,
    level TINYINT UNSIGNED NOT NULL DEFAULT 0,
    next_at DATETIME(3) NULL,
    closed_at DATETIME(3) NULL,
    KEY compliance_findings_due (state, next_at),
    KEY compliance_findings_by_control (control, state)
);

-- Exceptions and fixes, step by step. state 'open', 'standing' (an exception that holds), 'done', 'rejected', 'failed' or
-- 'expired'; due_at: when the step's time is over. details: JSON, what was seen before and after.
CREATE TABLE compliance_workflows (
    workflow_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    kind VARCHAR(12) NOT NULL,
    control VARCHAR(48) NOT NULL,
    state VARCHAR(12) NOT NULL,
    step VARCHAR(12) NOT NULL,
    due_at DATETIME(3) NOT NULL,
    asked_by VARCHAR(32) NOT NULL,
    asked_at DATETIME(3) NOT NULL,
    reason VARCHAR(400) NOT NULL,
    decided_by VARCHAR(32) NOT NULL DEFAULT '',
    decided_at DATETIME(3) NULL,
    ends_at DATETIME(3) NULL,
    details LONGTEXT NOT NULL,
    KEY compliance_workflows_due (state, due_at),
    KEY compliance_workflows_by_control (control, state)
);

-- Reports, each version once. files: JSON, by format the key in the bucket evidence, its SHA-256 and size.
CREATE TABLE compliance_reports (
    report_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    series VARCHAR(12) NOT NULL,
    period VARCHAR(12) NOT NULL,
    version INT UNSIGNED NOT NULL,
    made_at DATETIME(3) NOT NULL,
    run_id BIGINT UNSIGNED NOT NULL,
    files LONGTEXT NOT NULL,
    UNIQUE KEY compliance_reports_once (series, period, version)
);

-- Which operators are sent the reports of a series.
CREATE TABLE compliance_recipients (
    series VARCHAR(12) NOT NULL,
    operator VARCHAR(32) NOT NULL,
    PRIMARY KEY (series, operator)
);
