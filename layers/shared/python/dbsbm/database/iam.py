"""Passwords for RDS that are signed instead of stored: valid 15 minutes, asked for at connect alone.

An IAM authentication token is a presigned request to the service ``rds-db`` (Amazon RDS user guide, "Connecting to
your DB instance using IAM authentication").
"""

from __future__ import annotations

from dbsbm.core.aws import Credentials
from dbsbm.core.presign import Place, presigned


def auth_token(host: str, port: int, user: str, *, region: str, credentials: Credentials, now: float) -> str:
    """The password of ``user`` at ``host:port``; ``now`` in seconds since 1970."""
    return presigned(f"{host}:{port}", {"Action": "connect", "DBUser": user}, Place(region, "rds-db", credentials, now))
