"""An HTTP function: answers with the event it got, or with what the query asks for."""

from __future__ import annotations

import json
from typing import Any


def handler(event: dict[str, Any], _context: object) -> Any:
    wanted = event.get("queryStringParameters", {}).get("answer")
    if wanted == "plain":
        return {"bare": True}
    if wanted == "bytes":
        return {"statusCode": 201, "headers": {"X-Kind": "bytes"}, "body": "AAEC/w==", "isBase64Encoded": True}
    if wanted == "nonsense":
        return {"statusCode": "many"}
    if wanted == "raise":
        raise ValueError("as asked")
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(event)}
