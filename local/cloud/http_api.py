"""What API Gateway's HTTP API does between a request and a function: payload format 2.0, both ways.

"Create AWS Lambda proxy integrations for HTTP APIs" (AWS, API Gateway developer guide). Pure functions.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from dbsbm.core.clock import to_ms
from dbsbm.core.http import HttpResponse
from infra.catalog import Catalog, HttpRoute
from local.cloud.execution import ACCOUNT, Outcome

LIMIT_BYTES = 10 * 1024 * 1024
INTEGRATION_LIMIT_MS = 30_000
API_ID = "local"
_TEXT = frozenset({"application/json", "application/javascript", "application/xml", "application/vnd.api+json"})

Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Route:
    key: str
    function: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request as it stood on the wire: ``target`` is path and query, header names are lower-case, in order."""

    method: str
    target: str
    headers: Headers
    body: bytes
    source_ip: str = "127.0.0.1"


def routes(catalog: Catalog) -> Mapping[tuple[str, str], Route]:
    """Every HTTP route of the catalog by method and path."""
    return {
        (trigger.method, trigger.path): Route(f"{trigger.method} {trigger.path}", function.name)
        for function in catalog.functions
        for trigger in function.triggers
        if isinstance(trigger, HttpRoute)
    }


def route_of(known: Mapping[tuple[str, str], Route], method: str, path: str) -> Route | None:
    """The route of a request; one with a variable, ``/slips/{picture}``, only where no other has the very path."""
    exact = known.get((method, path))
    if exact is not None:
        return exact
    return next((route for (asked, named), route in known.items() if asked == method and _variables(named, path)), None)


def _variables(named: str, path: str) -> dict[str, str]:
    """What a path has where the route's has ``{variables}``; empty when it is another path."""
    wanted, given = named.split("/"), path.split("/")
    if len(wanted) != len(given):
        return {}
    pairs = list(zip(wanted, given, strict=True))
    if any(each != part and not (each.startswith("{") and part) for each, part in pairs):
        return {}
    return {each[1:-1]: unquote(part) for each, part in pairs if each.startswith("{")}


def event_of(arrival: Arrival, route: Route, request_id: str, now: datetime) -> dict[str, Any]:
    """The event of one request. Duplicate headers and query values are joined with commas, cookies stand apart."""
    path, query = urlsplit(arrival.target).path, urlsplit(arrival.target).query
    headers = _joined(pair for pair in arrival.headers if pair[0] != "cookie")
    host = headers.get("host", "localhost")
    headers |= {"x-forwarded-for": arrival.source_ip, "x-forwarded-proto": "http"}
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route.key,
        "rawPath": unquote(path),
        "rawQueryString": query,
        "headers": headers,
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": API_ID,
            "domainName": host,
            "domainPrefix": API_ID,
            "http": {
                "method": arrival.method,
                "path": unquote(path),
                "protocol": "HTTP/1.1",
                "sourceIp": arrival.source_ip,
                "userAgent": headers.get("user-agent", ""),
            },
            "requestId": request_id,
            "routeKey": route.key,
            "stage": "$default",
            "time": f"{now:%d/%b/%Y:%H:%M:%S} +0000",
            "timeEpoch": to_ms(now),
        },
        "isBase64Encoded": False,
    }
    variables = _variables(route.key.partition(" ")[2], path)
    if variables:
        event["pathParameters"] = variables
    cookies = [cookie.strip() for name, value in arrival.headers if name == "cookie" for cookie in value.split(";")]
    if cookies:
        event["cookies"] = cookies
    if query:
        event["queryStringParameters"] = _joined(parse_qsl(query, keep_blank_values=True))
    return event | _body(arrival.body, headers)


def response_of(outcome: Outcome) -> HttpResponse:
    """The response to the client; 500 and 503 as API Gateway words them."""
    if outcome.duration_ms > INTEGRATION_LIMIT_MS:
        return message(503, "Service Unavailable")
    if outcome.failed:
        return message(500, "Internal Server Error")
    result = outcome.document()
    if not isinstance(result, dict) or "statusCode" not in result:
        text = result if isinstance(result, str) else json.dumps(result)
        return HttpResponse(200, {"content-type": "application/json"}, text.encode())
    try:
        return _proxied(result)
    except (TypeError, ValueError, AttributeError):
        return message(500, "Internal Server Error")


def message(status: int, text: str) -> HttpResponse:
    """A response of API Gateway's own."""
    return HttpResponse(status, {"content-type": "application/json"}, json.dumps({"message": text}).encode())


def _proxied(result: Mapping[str, Any]) -> HttpResponse:
    """A result of format 2.0.

    Raises
    ------
    TypeError, ValueError, AttributeError
        When it is not one.
    """
    body = result.get("body") or ""
    data = base64.b64decode(body, validate=True) if result.get("isBase64Encoded") else body.encode()
    given = {str(name).lower(): str(value) for name, value in (result.get("headers") or {}).items()}
    headers = {"content-type": "text/plain;charset=UTF-8"} | given
    cookies = result.get("cookies") or ()
    if cookies:
        headers["set-cookie"] = ", ".join(cookies)
    return HttpResponse(int(result["statusCode"]), headers, data)


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in pairs:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _body(body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
    if not body:
        return {}
    if _is_text(headers):
        try:
            return {"body": body.decode()}
        except UnicodeDecodeError:
            pass  # not text after all: base64 keeps every byte
    return {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}


def _is_text(headers: Mapping[str, str]) -> bool:
    media = headers.get("content-type", "").partition(";")[0].strip().lower()
    return "content-encoding" not in headers and (media.startswith("text/") or media in _TEXT)
