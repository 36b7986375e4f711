"""``python -m local.cloud.invoke FUNCTION EVENT.json``: invoke a function of the running local cloud."""

from __future__ import annotations

import argparse
import http.client
import json
import os
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from dbsbm.core.aws import Credentials, Request, Scope, quote, sign
from local.cloud.execution import ACCESS_KEY, REGION, SECRET_KEY, SESSION_TOKEN, Names

CREDENTIALS = Credentials(ACCESS_KEY, SECRET_KEY, SESSION_TOKEN)
_WAIT_S = 900


def invoke(endpoint: str, name: str, payload: bytes, *, asynchronous: bool = False) -> tuple[int, str, bytes]:
    """Invoke by catalog name over the cloud's endpoint; returns status, function error ("" if none) and payload.

    Raises
    ------
    OSError
        When nobody listens there.
    """
    address = urlsplit(endpoint)
    path = f"/2015-03-31/functions/{quote(Names().of(name))}/invocations"
    headers = sign(
        Request("POST", path, "Qualifier=live", payload),
        {"host": address.netloc, "x-amz-invocation-type": "Event" if asynchronous else "RequestResponse"},
        Scope(CREDENTIALS, REGION, "lambda", time.time()),
    )
    connection = http.client.HTTPConnection(address.hostname or "127.0.0.1", address.port, timeout=_WAIT_S)
    try:
        connection.request("POST", f"{path}?Qualifier=live", payload, headers)
        answer = connection.getresponse()
        return answer.status, answer.headers.get("x-amz-function-error", ""), answer.read()
    finally:
        connection.close()


def main() -> int:
    """Print the result; the exit status is 1 when the function failed, 2 when it could not be invoked."""
    parser = argparse.ArgumentParser(prog="python -m local.cloud.invoke", description=__doc__)
    parser.add_argument("function", help="its name in infra/catalog.py")
    parser.add_argument("event", type=Path, help="a file, e.g. from events/")
    parser.add_argument("--asynchronous", action="store_true", help="queue the event and return")
    port = os.environ.get("DBSBM_ENDPOINT_PORT", "8085")
    parser.add_argument("--endpoint", default=os.environ.get("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}"))
    arguments = parser.parse_args()
    event = arguments.event.read_bytes()
    try:
        status, failure, payload = invoke(
            arguments.endpoint, arguments.function, event, asynchronous=arguments.asynchronous
        )
    except OSError as error:
        print(f"no local cloud at {arguments.endpoint} ({error}); start it with ./dev up", file=sys.stderr)
        return 2
    print(json.dumps(json.loads(payload), indent=2, ensure_ascii=False) if payload else f"status {status}")
    if status >= 300:
        return 2
    return 1 if failure else 0


if __name__ == "__main__":
    sys.exit(main())
