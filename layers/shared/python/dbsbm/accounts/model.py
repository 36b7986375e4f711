"""The database's accounts, and what each may do; nobody else has one but the master that RDS keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Rights(StrEnum):
    """What an account may do, as narrow as its work allows."""

    ROWS = "rows"
    """Read and write rows, no tables: commands, jobs, delivery."""
    TABLES = "tables"
    """Also make, change and drop tables: the migrations."""
    BESIDE = "beside"
    """Make, fill and drop the schema beside the one in use, where backups are tried; read nothing of the one in use."""
    READING = "reading"
    """Read all tables but ``HIDDEN``: people who look something up."""
    REPORTING = "reporting"
    """Read ``REPORTED`` alone: bets, games and money, nothing of a person but a number."""


@dataclass(frozen=True, slots=True)
class Account:
    """``password`` is None for an account that signs in with IAM tokens."""

    name: str
    rights: Rights
    password: str | None = None


APP, MIGRATIONS, CHECKER, READER = "dbsbm_app", "dbsbm_migrations", "dbsbm_checker", "dbsbm_reader"
PROXY = "dbsbm_proxy"
"""Does what ``APP`` does: functions sign in as it to the proxy, and the proxy, with a password, to the database.

Another account, so that functions which have not heard of the proxy yet go on as ``APP`` with their tokens.
"""
BESIDE = "_restore_check"
"""What the schema beside is called: the one in use and this."""
REPORTERS = ("dbsbm_report_a", "dbsbm_report_b")
"""Two that take turns: while one gets a new password the other's still holds."""

RIGHTS: Mapping[str, Rights] = {
    APP: Rights.ROWS,
    PROXY: Rights.ROWS,
    MIGRATIONS: Rights.TABLES,
    CHECKER: Rights.BESIDE,
    READER: Rights.READING,
    **dict.fromkeys(REPORTERS, Rights.REPORTING),
}

ENTRANCE = frozenset({"schema_migrations"})
"""What whoever works beside may read here: to connect to a schema something in it has to be theirs."""
HIDDEN = frozenset({"audit_secrets"})
"""Whose rows would give the people in the audit log their names back."""
REPORTED = frozenset(
    {
        "bet_legs",
        "bets",
        "capper_totals",
        "closing_lines",
        "clv_bets",
        "clv_legs",
        "game_closings",
        "game_periods",
        "game_scores",
        "games",
        "ledger_entries",
    }
)
