"""Discord's REST API, version 10: one call is one request. Repeating is the caller's decision."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from dbsbm.core import tracing
from dbsbm.core.errors import DiscordError, DiscordUnavailableError
from dbsbm.core.http import HttpRequest, HttpResponse, Transport, TransportError
from dbsbm.discord.components import ALT_MAX, cut

USER_AGENT = "DiscordBot (https://dbsbm.invalid, 0.1)"
"""Without this shape Cloudflare answers 40333 (Discord reference, "User Agent"). The address is reserved."""
BLOCKED_RETRY_AFTER_S = 300.0
"""A 429 without any rate-limit header, or a refusal that is not JSON, is Cloudflare's: stay away for minutes."""
_BLOCKED = 40333
_TIMEOUT_S = 8.0

Json = dict[str, Any]


class DiscordInDoubtError(DiscordUnavailableError):
    """No answer, or a server error: the call may have taken effect."""

    code = "discord_in_doubt"


@dataclass(frozen=True, slots=True)
class File:
    """One upload: ``alt`` is shown to screen readers."""

    name: str
    content: bytes
    alt: str = ""
    media_type: str = "image/png"


class DiscordClient:
    """Calls Discord as the bot, as a webhook, or with an interaction's token.

    Raises
    ------
    DiscordUnavailableError
        429 (``retry_after_s`` in seconds), a refusal on the way, or the request never left: it had no effect.
    DiscordInDoubtError
        5xx or no answer: unknown whether it had effect.
    DiscordError
        Any other refusal, with Discord's own code.
    """

    def __init__(self, transport: Transport, base_url: str, token: Callable[[], str]) -> None:
        self._transport = transport
        self._base_url = base_url.rstrip("/")
        self._token = token

    def create_message(self, channel_id: int, body: Json, files: Sequence[File] = ()) -> Json:
        """Post as the bot. With ``nonce`` and ``enforce_nonce`` a repeat within minutes gives the first message."""
        return self._object("POST", f"/channels/{channel_id}/messages", body, files)

    def edit_message(self, channel_id: int, message_id: int, body: Json, files: Sequence[File] = ()) -> Json:
        return self._object("PATCH", f"/channels/{channel_id}/messages/{message_id}", body, files)

    def messages(self, channel_id: int, *, after: int, limit: int = 100) -> list[Json]:
        """A channel's messages younger than a snowflake."""
        query = urlencode({"after": after, "limit": limit})
        found: list[Json] = self.call("GET", f"/channels/{channel_id}/messages?{query}")
        return found

    def edit_original(self, application_id: int, token: str, body: Json, files: Sequence[File] = ()) -> Json:
        """Edit the first answer to an interaction; its token is the right to do so."""
        return self._object("PATCH", f"/webhooks/{application_id}/{token}/messages/@original", body, files, bot=False)

    def follow_up(self, application_id: int, token: str, body: Json, files: Sequence[File] = ()) -> Json:
        return self._object("POST", f"/webhooks/{application_id}/{token}", body, files, bot=False)

    def execute_webhook(self, webhook_id: int, token: str, body: Json, files: Sequence[File] = ()) -> Json:
        """Post through a webhook and get the message back (``wait``)."""
        path = f"/webhooks/{webhook_id}/{token}?wait=true&with_components=true"
        return self._object("POST", path, body, files, bot=False)

    def edit_webhook_message(
        self, webhook_id: int, token: str, message_id: int, body: Json, files: Sequence[File] = ()
    ) -> Json:
        path = f"/webhooks/{webhook_id}/{token}/messages/{message_id}?with_components=true"
        return self._object("PATCH", path, body, files, bot=False)

    def channel_webhooks(self, channel_id: int) -> list[Json]:
        found: list[Json] = self.call("GET", f"/channels/{channel_id}/webhooks")
        return found

    def create_webhook(self, channel_id: int, name: str) -> Json:
        """Needs Manage Webhooks; the name may not contain "discord" or "clyde"."""
        return self._object("POST", f"/channels/{channel_id}/webhooks", {"name": name})

    def delete_webhook(self, webhook_id: int, token: str) -> None:
        self.call("DELETE", f"/webhooks/{webhook_id}/{token}", bot=False)

    def guild_channels(self, guild_id: int) -> list[Json]:
        found: list[Json] = self.call("GET", f"/guilds/{guild_id}/channels")
        return found

    def create_channel(self, guild_id: int, body: Json) -> Json:
        """Needs Manage Channels, and every permission that the body's overwrites name."""
        return self._object("POST", f"/guilds/{guild_id}/channels", body)

    def delete_channel(self, channel_id: int) -> None:
        self.call("DELETE", f"/channels/{channel_id}")

    def guild_roles(self, guild_id: int) -> list[Json]:
        found: list[Json] = self.call("GET", f"/guilds/{guild_id}/roles")
        return found

    def member(self, guild_id: int, user_id: int) -> Json:
        return self._object("GET", f"/guilds/{guild_id}/members/{user_id}")

    def rename_channel(self, channel_id: int, name: str) -> Json:
        """Discord takes two renames in ten minutes."""
        return self._object("PATCH", f"/channels/{channel_id}", {"name": name})

    def guild(self, guild_id: int) -> Json:
        """A guild we are in; 10004 or 50001 when we are not."""
        return self._object("GET", f"/guilds/{guild_id}")

    def set_role(self, guild_id: int, user_id: int, role_id: int, *, held: bool) -> None:
        method = "PUT" if held else "DELETE"
        self.call(method, f"/guilds/{guild_id}/members/{user_id}/roles/{role_id}")

    def entitlements(self, application_id: int, *, after: int, limit: int = 100) -> list[Json]:
        """What stands of everything sold, a page by rising id; what ended or was refunded is left out."""
        query = urlencode({"after": after, "limit": limit, "exclude_ended": "true", "exclude_deleted": "true"})
        found: list[Json] = self.call("GET", f"/applications/{application_id}/entitlements?{query}")
        return found

    def open_direct_channel(self, user_id: int) -> Json:
        return self._object("POST", "/users/@me/channels", {"recipient_id": str(user_id)})

    def _object(
        self, method: str, path: str, body: Json | None = None, files: Sequence[File] = (), *, bot: bool = True
    ) -> Json:
        answer: Json = self.call(method, path, body, files, bot=bot)
        return answer

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        files: Sequence[File] = (),
        *,
        bot: bool = True,
        timeout_s: float = _TIMEOUT_S,
    ) -> Any:
        """One request to ``path`` below the API's base; the decoded JSON answer, or None."""
        headers = {"user-agent": USER_AGENT, "accept": "application/json"}
        if bot:
            headers["authorization"] = f"Bot {self._token()}"
        content = b""
        if files:
            headers["content-type"], content = _multipart(body, files)
        elif body is not None:
            headers["content-type"] = "application/json"
            content = _dumps(body)
        try:
            with tracing.span("discord", method=method):
                answer = self._transport(HttpRequest(method, self._base_url + path, headers, content, timeout_s))
        except TransportError as error:
            kind = DiscordInDoubtError if error.sent else DiscordUnavailableError
            raise kind(error.detail, status=0) from error
        return _read(answer)


def _dumps(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _multipart(body: Json | None, files: Sequence[File]) -> tuple[str, bytes]:
    """Discord's "Uploading Files": ``payload_json`` and ``files[n]``; ``attachments`` lists exactly what is sent."""
    listed = [
        {"id": index, "filename": file.name, "description": cut(file.alt, ALT_MAX)} for index, file in enumerate(files)
    ]
    payload = _dumps({**(body or {}), "attachments": listed})
    boundary = "dbsbm-" + hashlib.sha256(payload + b"".join(file.content for file in files)).hexdigest()
    lines = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="payload_json"\r\n'
        f"Content-Type: application/json\r\n\r\n".encode(),
        payload,
    ]
    for index, file in enumerate(files):
        lines.append(
            f'\r\n--{boundary}\r\nContent-Disposition: form-data; name="files[{index}]"; filename="{file.name}"\r\n'
            f"Content-Type: {file.media_type}\r\n\r\n".encode()
        )
        lines.append(file.content)
    lines.append(f"\r\n--{boundary}--\r\n".encode())
    return f"multipart/form-data; boundary={boundary}", b"".join(lines)


def _read(answer: HttpResponse) -> Any:
    document = _document(answer)
    if 200 <= answer.status < 300:
        return document
    problem: Mapping[str, Any] = document if isinstance(document, dict) else {}
    code = int(problem.get("code") or 0)
    detail = str(problem.get("message") or f"HTTP {answer.status}")
    not_discords = 400 <= answer.status < 500 and not problem
    if answer.status == 429 or not_discords or code == _BLOCKED:
        raise DiscordUnavailableError(
            detail, status=answer.status, discord_code=code, retry_after_s=_retry_after_s(answer, problem)
        )
    if answer.status >= 500:
        raise DiscordInDoubtError(detail, status=answer.status, discord_code=code)
    if problem.get("errors"):
        detail = f"{detail}: {json.dumps(problem['errors'], ensure_ascii=False)}"
    raise DiscordError(detail[:500], status=answer.status, discord_code=code)


def _document(answer: HttpResponse) -> Any:
    if not answer.body:
        return None
    try:
        return json.loads(answer.body)
    except ValueError:
        return None  # a proxy's page, not Discord's JSON


def _retry_after_s(answer: HttpResponse, problem: Mapping[str, Any]) -> float:
    """The longer of the header's and the body's wait (the header is whole seconds, the body a float)."""
    waits = [_seconds(answer.headers.get("retry-after")), _seconds(problem.get("retry_after"))]
    known = [wait for wait in waits if wait is not None]
    return max(known) if known else BLOCKED_RETRY_AFTER_S


def _seconds(value: object) -> float | None:
    try:
        return max(0.0, float(str(value)))
    except ValueError:
        return None
