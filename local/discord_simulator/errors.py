"""Discord's JSON errors, as exceptions on the way to a response."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dbsbm.discord.limits import Problem


class ApiError(Exception):
    """An error response: HTTP ``status``, JSON ``code``, ``message``, and the tree of a 50035."""

    def __init__(
        self,
        status: int,
        code: int,
        message: str,
        *,
        errors: dict[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{status} {code} {message} {errors or ''}".strip())
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {"message": self.message, "code": self.code, **self.extra}
        if self.errors:
            body["errors"] = self.errors
        return body


class ClientRefusalError(Exception):
    """Discord's client would not let the person do this: the message says why."""


def invalid_form(problems: Sequence[Problem]) -> ApiError:
    """50035 with its tree (Discord reference, "Error Messages")."""
    tree: dict[str, Any] = {}
    for problem in problems:
        node = tree
        for key in filter(None, problem.path.split("/")):
            node = node.setdefault(key, {})
        node.setdefault("_errors", []).append({"code": problem.code, "message": problem.message})
    return ApiError(400, 50035, "Invalid Form Body", errors=tree)


_ABOUT_THE_SITUATION = frozenset(
    {
        "ATTACHMENT_NOT_FOUND",
        "INTERACTION_CALLBACK_TYPE_INVALID",
        "MESSAGE_LEGACY_FIELDS_REMAIN",
        "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
    }
)


def is_malformed(error: ApiError) -> bool:
    """Whether the body was refused for what it is, and not for what it met (a message, files, an interaction)."""
    return error.code == 50035 and bool(_codes(error.errors or {}) - _ABOUT_THE_SITUATION)


def _codes(tree: dict[str, Any]) -> set[str]:
    found = {item["code"] for item in tree.get("_errors", ())}
    for key, below in tree.items():
        if key != "_errors":
            found |= _codes(below)
    return found


_KNOWN = {
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10007: (404, "Unknown Member"),
    10008: (404, "Unknown Message"),
    10011: (404, "Unknown Role"),
    10013: (404, "Unknown User"),
    10015: (404, "Unknown Webhook"),
    10022: (404, "Unknown Entitlement"),
    10027: (404, "Unknown SKU"),
    10062: (404, "Unknown interaction"),
    10063: (404, "Unknown application command"),
    30007: (400, "Maximum number of webhooks reached (15)"),
    30013: (400, "Maximum number of server channels reached (500)"),
    30034: (400, "Maximum number of daily application command creates has been reached (200)"),
    40005: (413, "Request entity too large"),
    40060: (400, "Interaction has already been acknowledged."),
    50001: (403, "Missing Access"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50007: (403, "Cannot send messages to this user"),
    50008: (400, "Cannot send messages in a non-text channel"),
    50013: (403, "Missing Permissions"),
    50027: (401, "Invalid Webhook Token"),
    50109: (400, "The request body contains invalid JSON."),
}


def known(code: int) -> ApiError:
    """One of Discord's documented errors by its JSON code."""
    status, message = _KNOWN[code]
    return ApiError(status, code, message)
