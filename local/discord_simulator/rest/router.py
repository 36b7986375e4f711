"""From an HTTP request to a route: prefix, User-Agent, authentication, rate limits, body, errors."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from dbsbm.core.http import HttpRequest, HttpResponse
from dbsbm.discord.limits import Problem
from local.discord_simulator import multipart
from local.discord_simulator.errors import ApiError, invalid_form
from local.discord_simulator.multipart import Upload
from local.discord_simulator.ratelimit import DEFAULT, Limit
from local.discord_simulator.state import Json

if TYPE_CHECKING:
    from local.discord_simulator.simulator import Simulator

PREFIX = "/api/v10"


@dataclass(frozen=True, slots=True)
class Call:
    """One request on its way through a route. ``body`` is None when none came."""

    simulator: Simulator
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    uploads: Mapping[int, Upload]

    def id(self, name: str) -> int:
        """A snowflake in the path.

        Raises
        ------
        ApiError
            50035 when it is none.
        """
        if not self.path[name].isdigit():
            raise ApiError(400, 50035, "Invalid Form Body", errors=_not_snowflake(name, self.path[name]))
        return int(self.path[name])

    def document(self) -> Json:
        """The body, which must be an object.

        Raises
        ------
        ApiError
            50035 when it is something else.
        """
        if self.body is None:
            return {}
        if not isinstance(self.body, dict):
            raise invalid_form([Problem("", "Only dictionaries may be used in a DictType", "DICT_TYPE_CONVERT")])
        return self.body

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """An integer of the query string.

        Raises
        ------
        ApiError
            50035 when it is out of range.
        """
        text = self.query.get(name, str(default))
        if not text.isdigit() or not low <= int(text) <= high:
            message = f"int value should be between {low} and {high}."
            errors = {name: {"_errors": [{"code": "NUMBER_TYPE_RANGE", "message": message}]}}
            raise ApiError(400, 50035, "Invalid Form Body", errors=errors)
        return int(text)

    def truth(self, name: str) -> bool:
        """A boolean of the query string."""
        return self.query.get(name, "").lower() in ("true", "1")


def _not_snowflake(name: str, value: str) -> Json:
    return {name: {"_errors": [{"code": "NUMBER_TYPE_COERCE", "message": f'Value "{value}" is not snowflake.'}]}}


Handler = Callable[[Call], tuple[int, Any]]


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    template: str
    pattern: re.Pattern[str]
    handler: Handler
    bot: bool
    major: tuple[str, ...]
    limit: Limit
    interaction: bool


@dataclass(slots=True)
class _Table:
    routes: list[Route] = field(default_factory=list)


_TABLE = _Table()


def route(
    method: str,
    template: str,
    *,
    bot: bool = True,
    major: tuple[str, ...] = (),
    limit: Limit = DEFAULT,
    interaction: bool = False,
) -> Callable[[Handler], Handler]:
    """Define a route. ``bot``: it needs the bot token. ``interaction``: it is exempt from the global rate limit."""

    def add(handler: Handler) -> Handler:
        pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template))
        _TABLE.routes.append(Route(method, template, pattern, handler, bot, major, limit, interaction))
        # The more literal template wins: /messages/@original before /messages/{message_id}.
        _TABLE.routes.sort(key=lambda item: item.template.count("{"))
        return handler

    return add


def answer(simulator: Simulator, request: HttpRequest) -> HttpResponse:
    """Answer a REST request as Discord does."""
    now = simulator.clock.now()
    if simulator.limits.banned(now):
        return HttpResponse(429, {"content-type": "text/html"}, b"<html>error code: 1015</html>")
    try:
        return _answer(simulator, request)
    except ApiError as error:
        simulator.limits.count_invalid(error.status, error.headers.get("x-ratelimit-scope", ""), now)
        return error_response(error)


def _answer(simulator: Simulator, request: HttpRequest) -> HttpResponse:
    parts = urlsplit(request.url)
    headers = {name.lower(): value for name, value in request.headers.items()}
    if not headers.get("user-agent", "").startswith("DiscordBot ("):
        raise ApiError(403, 40333, "internal network error")
    found, path = _find(request.method, parts.path)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    if found.bot and headers.get("authorization") != f"Bot {simulator.bot_token}":
        raise ApiError(401, 0, "401: Unauthorized")
    now = simulator.clock.now()
    if not found.interaction and found.bot:
        simulator.limits.take_global(now)
    major = ":".join(path[name] for name in found.major)
    limits = simulator.limits.take(f"{found.method} {found.template}", major, found.limit, now)
    body = multipart.read(headers, request.body)
    status, document = found.handler(Call(simulator, path, query, body.document, body.uploads))
    if document is None:
        return HttpResponse(status, limits)
    return HttpResponse(status, limits | {"content-type": "application/json"}, json.dumps(document).encode())


def _find(method: str, path: str) -> tuple[Route, dict[str, str]]:
    known = False
    if path.startswith(f"{PREFIX}/"):
        for candidate in _TABLE.routes:
            match = candidate.pattern.fullmatch(path.removeprefix(PREFIX))
            if match is None:
                continue
            known = True
            if candidate.method == method:
                return candidate, match.groupdict()
    raise ApiError(405, 0, "405: Method Not Allowed") if known else ApiError(404, 0, "404: Not Found")


def error_response(error: ApiError) -> HttpResponse:
    """An error as it goes over the wire."""
    headers = {"content-type": "application/json"} | error.headers
    return HttpResponse(error.status, headers, json.dumps(error.body()).encode())
