"""Who an operator is, said by AWS and not by the operator: a request to STS that only the operator could have signed.

The operator signs GetCallerIdentity for one question; the function sends it and reads whose it is. The signature
covers the question's digest, so it cannot be used for another, and AWS takes it for 15 minutes. The call needs no
permission and no policy can refuse it (STS API, "GetCallerIdentity").
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from html import unescape

from dbsbm.core.aws import Account, Request, Scope, sign
from dbsbm.core.errors import InputError
from dbsbm.core.http import HttpRequest, Transport, TransportError
from dbsbm.core.wire import address_of

_BODY = b"Action=GetCallerIdentity&Version=2011-06-15"
_ABOUT = "x-dbsbm-about"
_SENT = frozenset({"authorization", "content-type", "x-amz-date", "x-amz-security-token", _ABOUT})
_ARN = re.compile(r"<Arn>([^<]{1,300})</Arn>")
_SIGNED = re.compile(r"SignedHeaders=([a-z0-9;-]+)")
_CURE = "AWS has to know who asks: sign in again (aws sts get-caller-identity says as whom), and look at the clock"
_TIMEOUT_S = 5.0


def about(*parts: str) -> str:
    """The digest of a question."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def proof(account: Account, digest: str, now: float) -> dict[str, str]:
    """The headers of a call of GetCallerIdentity for one question; ``now`` in seconds since 1970."""
    authority = address_of(account.endpoint("sts")).authority
    headers = {"host": authority, "content-type": "application/x-www-form-urlencoded", _ABOUT: digest}
    signed = sign(Request("POST", "/", "", _BODY), headers, Scope(account.credentials, account.region, "sts", now))
    return {name: value for name, value in signed.items() if name != "host"}


def proven(account: Account, transport: Transport, signed: object, digest: str, number: str) -> str:
    """The ARN of whoever signed for this question; ``number`` is the AWS account that has to be theirs.

    Raises
    ------
    InputError
        Saying what to do, when AWS does not vouch for anybody of this account.
    """
    headers = {str(name).lower(): str(value) for name, value in signed.items()} if isinstance(signed, Mapping) else {}
    covered = _SIGNED.search(headers.get("authorization", ""))
    whole = {"host", _ABOUT} <= set(covered[1].split(";")) if covered else False
    if not whole or set(headers) - _SENT or headers.get(_ABOUT) != digest:
        raise InputError("signed", "", f"is not about this question. {_CURE}")
    endpoint = account.endpoint("sts").rstrip("/")
    sent = {"host": address_of(endpoint).authority, **headers}
    try:
        answer = transport(HttpRequest("POST", f"{endpoint}/", sent, _BODY, _TIMEOUT_S))
    except TransportError as error:
        raise InputError("signed", "", f"could not be shown to AWS ({error.detail}); ask again") from error
    found = _ARN.search(answer.body.decode(errors="replace")) if answer.status == 200 else None
    arn = unescape(found[1]) if found else ""
    if not arn or arn.split(":")[4] != number:
        raise InputError("signed", arn, f"is not by anybody of this account. {_CURE}")
    return arn
