"""Alarms of what looks after the service's own records: audit log, keys, controls, backups."""

from __future__ import annotations

from infra.telemetry.model import OURS, Alarm, Metric


def guardianship_alarms() -> list[Alarm]:
    return [*_audit_alarms(), *_key_alarms(), *_control_alarms(), *_backup_alarms()]


def _audit_alarms() -> list[Alarm]:
    return [
        Alarm(
            f"audit-{what}",
            Metric(OURS, "audit_faults", "Sum", {"what": what}, label=what),
            1,
            "audit.md",
            why,
        )
        for what, why in (
            ("refused", "What was to be signed does not continue the signed log."),
            ("check", "The audit log is not what was written."),
        )
    ] + [
        Alarm(
            "audit-lag",
            Metric(OURS, "audit_lag_s", "Maximum", {}, label="audit_lag_s"),
            1800,
            "audit.md",
            "An event has waited for half an hour to be sealed (s).",
        )
    ]


def _key_alarms() -> list[Alarm]:
    return [
        Alarm(
            "erasure-residues",
            Metric(OURS, "erasure_residues", "Maximum", {}, label="erasure_residues"),
            1,
            "keys.md",
            "Something of somebody who was erased is still there.",
        ),
        Alarm(
            "requests-late",
            Metric(OURS, "erasures_late", "Maximum", {}, label="erasures_late"),
            1,
            "keys.md",
            "A request about data was not begun within ten business days, or not done within a month.",
        ),
        Alarm(
            "erasure-canary",
            Metric(OURS, "canary_erased", "Sum", {}, label="canary_erased"),
            1,
            "keys.md",
            "For two days nobody was erased and searched for to show that erasures work.",
            direction="below",
            minutes=1440,
            periods=2,
            silence_is_bad=True,
        ),
        Alarm(
            "keys-broken",
            Metric(OURS, "key_faults", "Maximum", {"what": "broken"}, label="broken"),
            1,
            "keys.md",
            "What somebody wrote does not open, and stays under a key that is to go.",
            minutes=60,
        ),
        Alarm(
            "keys-lost",
            Metric(OURS, "key_faults", "Maximum", {"what": "lost"}, label="lost"),
            1,
            "keys.md",
            "A data key is missing that nobody destroyed: what it sealed does not open.",
            minutes=60,
        ),
    ] + [
        Alarm(
            f"keys-{state}",
            Metric(OURS, "keys_old", "Maximum", {"state": state}, label=state),
            1,
            "keys.md",
            why,
        )
        for state, why in (
            ("due", "A key is to be changed within ten days."),
            ("overdue", "A key is older than it may be."),
        )
    ]


def _control_alarms() -> list[Alarm]:
    return [
        Alarm(
            "findings-overdue",
            Metric(OURS, "findings_overdue", "Maximum", {}, label="findings_overdue"),
            1,
            "controls.md",
            "A finding of the controls is open past its time.",
        )
    ] + [
        Alarm(
            f"controls-{name}",
            Metric(OURS, "controls_unjudged", "Maximum", {"why": why}, label=why),
            1,
            "controls.md",
            said,
            minutes=60,
        )
        for name, why, said in (
            ("not-tested", "no evidence", "For two days a control had no evidence to be judged by."),
            ("lapsed", "lapsed", "For two days the time has been over of what a person stated about a control."),
        )
    ]


def _backup_alarms() -> list[Alarm]:
    page = "restore.md"
    return [
        Alarm(
            "backup-age",
            Metric(OURS, "backup_age_s", "Maximum", {}, label="backup_age_s"),
            26 * 3600,
            page,
            "The newest backup is older than a day and two hours (s).",
        ),
        Alarm(
            "backup-unverified",
            Metric(OURS, "backups_verified", "Sum", {}, label="backups_verified"),
            1,
            page,
            "For a day no backup was made, restored and found to be what it was made of.",
            direction="below",
            minutes=1440,
            silence_is_bad=True,
        ),
    ] + [
        Alarm(f"backup-{what}", Metric(OURS, "backup_faults", "Sum", {"what": what}, label=what), 1, page, why)
        for what, why in (
            ("base", "The last backup could not be built upon; a whole one was made."),
            ("check", "A backup is not what was made."),
        )
    ]
