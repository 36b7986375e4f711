"""Requests signed in advance, which serve as passwords: Signature Version 4 with query parameters.

Signed here because botocore costs a cold start 200 ms; the tests hold what comes out to botocore.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from typing import NamedTuple

from dbsbm.core.aws import Credentials, quote

EXPIRES_S = 900
_NOTHING = hashlib.sha256(b"").hexdigest()


class Place(NamedTuple):
    """Whose request it is and of which service; ``now`` in seconds since 1970."""

    region: str
    service: str
    credentials: Credentials
    now: float


def presigned(host: str, parameters: Mapping[str, str], place: Place) -> str:
    """``host/?…`` of a GET that is good for 15 minutes."""
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(place.now))
    scope = f"{moment[:8]}/{place.region}/{place.service}/aws4_request"
    signed = {
        **parameters,
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{place.credentials.access_key}/{scope}",
        "X-Amz-Date": moment,
        "X-Amz-Expires": str(EXPIRES_S),
        "X-Amz-SignedHeaders": "host",
    }
    if place.credentials.session_token:
        signed["X-Amz-Security-Token"] = place.credentials.session_token
    query = "&".join(f"{quote(name)}={quote(signed[name])}" for name in sorted(signed))
    canonical = f"GET\n/\n{query}\nhost:{host}\n\nhost\n{_NOTHING}"
    to_sign = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{place.credentials.secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
    return f"{host}/?{query}&X-Amz-Signature={signature}"
