"""Passwords for ElastiCache that are signed instead of stored: valid 15 minutes, asked for at connect alone.

A token is a presigned request to the service ``elasticache`` (Amazon ElastiCache user guide, "Authenticating with
IAM"); the host is the cache's name, in small letters.
"""

from __future__ import annotations

from dbsbm.core.aws import Credentials
from dbsbm.core.presign import Place, presigned


def auth_token(
    cache: str, user: str, *, region: str, credentials: Credentials, now: float, serverless: bool = False
) -> str:
    """The password of ``user`` at the cache of that name; ``now`` in seconds since 1970."""
    parameters = {"Action": "connect", "User": user}
    if serverless:
        parameters["ResourceType"] = "ServerlessCache"
    return presigned(cache.lower(), parameters, Place(region, "elasticache", credentials, now))
