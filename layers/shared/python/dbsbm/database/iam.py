"""Passwords for RDS that are signed instead of stored: valid 15 minutes, asked for at connect alone.

An IAM authentication token is a presigned request to the service ``rds-db`` (Amazon RDS user guide, "Connecting to
your DB instance using IAM authentication"; Signature Version 4 with query parameters). Signed here because botocore
costs a cold start 200 ms; ``tests/integration/test_exchange_iam.py`` holds it to botocore.
"""

from __future__ import annotations

import hashlib
import hmac
import time

from dbsbm.core.aws import Credentials, quote

EXPIRES_S = 900
_NOTHING = hashlib.sha256(b"").hexdigest()


def auth_token(host: str, port: int, user: str, *, region: str, credentials: Credentials, now: float) -> str:
    """The password of ``user`` at ``host:port``; ``now`` in seconds since 1970."""
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    place = f"{moment[:8]}/{region}/rds-db/aws4_request"
    parameters = {
        "Action": "connect",
        "DBUser": user,
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{credentials.access_key}/{place}",
        "X-Amz-Date": moment,
        "X-Amz-Expires": str(EXPIRES_S),
        "X-Amz-SignedHeaders": "host",
    }
    if credentials.session_token:
        parameters["X-Amz-Security-Token"] = credentials.session_token
    query = "&".join(f"{quote(name)}={quote(parameters[name])}" for name in sorted(parameters))
    canonical = f"GET\n/\n{query}\nhost:{host}:{port}\n\nhost\n{_NOTHING}"
    to_sign = f"AWS4-HMAC-SHA256\n{moment}\n{place}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{credentials.secret_key}".encode()
    for part in place.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
    return f"{host}:{port}/?{query}&X-Amz-Signature={signature}"
