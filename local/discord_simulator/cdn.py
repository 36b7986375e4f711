"""The fake CDN: signed, expiring addresses for attachments, and plain pictures for avatars."""

from __future__ import annotations

import hashlib
import hmac
import struct
import zlib
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlsplit

from dbsbm.core.http import HttpRequest, HttpResponse
from local.discord_simulator.state import File

if TYPE_CHECKING:
    from local.discord_simulator.simulator import Simulator

LIFETIME_S = 24 * 3600
_AVATARS = ((88, 101, 242), (117, 126, 138), (59, 165, 92), (250, 166, 26), (237, 66, 69), (235, 69, 158))


class Cdn:
    """Signs and serves ``/cdn/…``."""

    def __init__(self, base_url: str, key: bytes) -> None:
        self.base_url = base_url.rstrip("/")
        self._key = key

    def path(self, file: File) -> str:
        folder = "ephemeral-attachments" if file.ephemeral else "attachments"
        return f"/cdn/{folder}/{file.channel_id}/{file.id}/{quote(file.filename)}"

    def url(self, file: File, now: datetime) -> str:
        """The address of a file, good for a day from ``now``."""
        issued = int(now.timestamp())
        expires = issued + LIFETIME_S
        path = self.path(file)
        signature = self._signature(path, f"{expires:x}", f"{issued:x}")
        return f"{self.base_url}{path}?ex={expires:x}&is={issued:x}&hm={signature}"

    def _signature(self, path: str, expires: str, issued: str) -> str:
        return hmac.new(self._key, f"{path}|{expires}|{issued}".encode(), hashlib.sha256).hexdigest()

    def serve(self, simulator: Simulator, request: HttpRequest) -> HttpResponse:
        """Answer a GET below ``/cdn/``: 404 for what is not there, not signed or expired."""
        parts = urlsplit(request.url)
        pieces = parts.path.split("/")
        if len(pieces) == 5 and pieces[2:4] == ["embed", "avatars"]:
            return _picture(pieces[4])
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        expires, issued = query.get("ex", ""), query.get("is", "")
        good = hmac.compare_digest(self._signature(parts.path, expires, issued), query.get("hm", ""))
        if not good or int(expires, 16) < simulator.clock.now().timestamp() or len(pieces) != 6:
            return _missing()
        file = simulator.state.files.get(int(pieces[4]))
        if file is None:
            return _missing()
        return HttpResponse(
            200, {"content-type": file.content_type, "cache-control": "private, max-age=3600"}, file.data
        )


def _missing() -> HttpResponse:
    return HttpResponse(404, {"content-type": "text/plain"}, b"This content is no longer available.")


def _picture(name: str) -> HttpResponse:
    number = name.removesuffix(".png")
    if not number.isdigit():
        return _missing()
    return HttpResponse(200, {"content-type": "image/png"}, solid_png(64, 64, _AVATARS[int(number) % len(_AVATARS)]))


def solid_png(width: int, height: int, colour: tuple[int, int, int]) -> bytes:
    """A PNG of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\x00" + bytes(colour) * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def picture_size(data: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG or GIF in pixels; None for anything else."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return width, height
    if data[:6] in (b"GIF87a", b"GIF89a") and len(data) >= 10:
        width, height = struct.unpack("<HH", data[6:10])
        return width, height
    return None
