"""Fetching a file that a person attached, from Discord's own CDN and from nowhere else."""

from __future__ import annotations

from urllib.parse import urlsplit

from dbsbm.core.errors import DbsbmError, DiscordUnavailableError
from dbsbm.core.http import HttpRequest, Transport, TransportError

_TIMEOUT_S = 10.0
PHOTO_BYTES = 8 << 20
"""The largest photo taken: what an upload may weigh in a server without boosts is 10 MiB, with the slip beside it."""


class AttachmentError(DbsbmError):
    """The file will not come: ``code`` is "gone", "too_large" or "elsewhere"."""

    code = "attachment"

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def download(transport: Transport, cdn_url: str, url: str, most: int) -> bytes:
    """The bytes behind ``url``, at most ``most`` of them. Redirects are not followed.

    Raises
    ------
    AttachmentError
        When the address is not below ``cdn_url``, the file is gone or too large.
    DiscordUnavailableError
        When the same may go well later.
    """
    if not _below(url, cdn_url):
        raise AttachmentError("elsewhere")
    try:
        answer = transport(HttpRequest("GET", url, {"accept-encoding": "identity"}, timeout_s=_TIMEOUT_S))
    except TransportError as error:
        raise DiscordUnavailableError(error.detail, status=0) from error
    if answer.status == 429 or answer.status >= 500:
        raise DiscordUnavailableError("the CDN is busy", status=answer.status)
    if answer.status != 200:
        raise AttachmentError("gone")
    if len(answer.body) > most:
        raise AttachmentError("too_large")
    return answer.body


def _below(url: str, base: str) -> bool:
    """Whether an address has the scheme, host and port of ``base`` and its path begins with it."""
    try:
        asked, allowed = urlsplit(url), urlsplit(base)
        same = (asked.scheme, asked.hostname, asked.port) == (allowed.scheme, allowed.hostname, allowed.port)
    except ValueError:
        return False
    if asked.username is not None or asked.password is not None or "\\" in url:
        return False
    return same and asked.path.startswith(f"{allowed.path.rstrip('/')}/") and ".." not in asked.path
