"""Bodies as they arrive: JSON, or multipart/form-data with ``payload_json`` and ``files[n]``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

from local.discord_simulator.errors import ApiError, known

MAX_FILE = 10 * 1024 * 1024
MAX_REQUEST = 25 * 1024 * 1024
_FILE_FIELD = re.compile(r"files\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Upload:
    filename: str
    content_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Body:
    """``document`` is None when there was no body; ``uploads`` by their n."""

    document: Any = None
    uploads: Mapping[int, Upload] = field(default_factory=dict)


def read(headers: Mapping[str, str], raw: bytes) -> Body:
    """Parse a body by its content type.

    Raises
    ------
    ApiError
        50109 for broken JSON or an unknown content type, 40005 for what is too large.
    """
    if len(raw) > MAX_REQUEST:
        raise known(40005)
    if not raw:
        return Body()
    content_type = headers.get("content-type", "")
    if content_type.startswith("multipart/form-data"):
        return _multipart(content_type, raw)
    if not content_type.startswith("application/json"):
        raise ApiError(400, 50035, "Invalid Form Body", errors=_wrong_type(content_type))
    return Body(_json(raw))


def _wrong_type(content_type: str) -> dict[str, Any]:
    text = f'Expected "Content-Type" header to be one of {{"application/json"}}, got {content_type!r}.'
    return {"_errors": [{"code": "CONTENT_TYPE_INVALID", "message": text}]}


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError as error:
        raise known(50109) from error


def _multipart(content_type: str, raw: bytes) -> Body:
    parsed = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + raw)
    if not parsed.is_multipart():
        raise known(50109)
    document: Any = None
    uploads: dict[int, Upload] = {}
    for part in parsed.iter_parts():
        name = part.get_param("name", header="content-disposition")
        payload = part.get_payload(decode=True)
        data = payload if isinstance(payload, bytes) else b""
        match = _FILE_FIELD.fullmatch(str(name))
        if name == "payload_json":
            document = _json(data)
        elif match:
            if len(data) > MAX_FILE:
                raise known(40005)
            uploads[int(match[1])] = Upload(part.get_filename() or "file", part.get_content_type(), data)
    return Body(document, uploads)


def write(document: Any, uploads: Mapping[int, Upload], boundary: str = "simulator-boundary") -> tuple[str, bytes]:
    """Content type and bytes of a multipart body; for tests and tools that speak to the simulator."""
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="payload_json"\r\n'
        f"Content-Type: application/json\r\n\r\n{json.dumps(document)}\r\n".encode()
    ]
    for number, upload in uploads.items():
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="files[{number}]"; filename="{upload.filename}"\r\n'
            f"Content-Type: {upload.content_type}\r\n\r\n"
        )
        parts.append(head.encode() + upload.data + b"\r\n")
    parts.append(f"--{boundary}--\r\n".encode())
    return f"multipart/form-data; boundary={boundary}", b"".join(parts)
