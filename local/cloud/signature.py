"""Checks Signature Version 4, so that a function's own signing is proven on a laptop.

"Create a signed AWS API request" (AWS, IAM user guide).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, urlsplit

from local.cloud.execution import REGION, SECRET_KEY, SESSION_TOKEN, role_of
from local.cloud.wire import Request

_SKEW = timedelta(minutes=5)
_SHAPE = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/(?P<day>\d{8})/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request, ?"
    r"SignedHeaders=(?P<names>[^,]+), ?Signature=(?P<signature>[0-9a-f]{64})"
)


class SignatureError(Exception):
    """The request is not signed by whom it says; ``code`` is AWS's error type."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


def caller(authorization: str) -> str:
    """The function that signed a request, "" for the operator and for whoever is not one of the functions."""
    named = re.search(r"Credential=([^/,\s]+)/", authorization)
    return (role_of(named[1]) if named else None) or ""


def link_of(url: str) -> str:
    """The function that made a presigned link, by whose rights whoever follows it reads; "" for any other address."""
    credential = dict(parse_qsl(urlsplit(url).query)).get("X-Amz-Credential", "")
    return role_of(credential.partition("/")[0]) or ""


def verify(request: Request, service: str, now: datetime) -> None:
    """Check the signature of a request to ``service`` (any but S3) with the local cloud's credentials.

    Raises
    ------
    SignatureError
        With the error type AWS would give.
    """
    parts = _SHAPE.fullmatch(request.header("authorization"))
    if parts is None:
        raise SignatureError("MissingAuthenticationTokenException", "Missing Authentication Token")
    if role_of(parts["key"]) is None or request.header("x-amz-security-token") != SESSION_TOKEN:
        raise SignatureError("UnrecognizedClientException", "The security token included in the request is invalid.")
    if (parts["region"], parts["service"]) != (REGION, service):
        raise SignatureError("InvalidSignatureException", f"Credential should be scoped to {REGION} and {service}.")
    names = parts["names"].split(";")
    if not {"host", "x-amz-date", "x-amz-security-token"} <= set(names):
        raise SignatureError("InvalidSignatureException", "host, date and token must be signed.")
    moment = request.header("x-amz-date")
    _check_age(moment, parts["day"], now)
    place = f"{parts['day']}/{parts['region']}/{service}/aws4_request"
    digest = hashlib.sha256(_canonical(request, names).encode()).hexdigest()
    expected = _signature(place, f"AWS4-HMAC-SHA256\n{moment}\n{place}\n{digest}")
    if not hmac.compare_digest(expected, parts["signature"]):
        raise SignatureError(
            "InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided.",
        )


def _check_age(moment: str, day: str, now: datetime) -> None:
    try:
        signed_at = datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise SignatureError("IncompleteSignatureException", "x-amz-date is missing or wrong") from error
    if not moment.startswith(day) or abs(now - signed_at) > _SKEW:
        raise SignatureError(
            "InvalidSignatureException", f"Signature expired: {moment} is not close to {now:%Y%m%dT%H%M%SZ}"
        )


def _canonical(request: Request, names: list[str]) -> str:
    target = urlsplit(request.target)
    pairs = sorted((_quoted(name), _quoted(value)) for name, value in parse_qsl(target.query, keep_blank_values=True))
    lines = []
    for name in names:
        values = [" ".join(value.split()) for key, value in request.headers if key == name]
        lines.append(f"{name}:{','.join(values)}\n")
    return "\n".join(
        (
            request.method,
            quote(target.path, safe="/-_.~"),  # once more: every service but S3 signs the path encoded twice
            "&".join(f"{name}={value}" for name, value in pairs),
            "".join(lines),
            ";".join(names),
            hashlib.sha256(request.body).hexdigest(),
        )
    )


def _quoted(text: str) -> str:
    return quote(text, safe="-_.~")


def _signature(place: str, text: str) -> str:
    key = f"AWS4{SECRET_KEY}".encode()
    for part in place.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()
