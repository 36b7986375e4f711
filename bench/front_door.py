"""``./dev bench front_door``: verify, parse and route one signed command, warm, with the signature's part apart."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from bench import _signed
from bench._results import Target, report, summarize
from dbsbm.discord.signature import verify
from interactions.front_door import FrontDoor

SAMPLES = 3000
LIMIT_US = 120.0


def main() -> None:
    """Measure and print, in microseconds."""

    environ = {"DISCORD_PUBLIC_KEY": _signed.KEY.hex()}
    door = FrontDoor.from_environ(environ, invoke=_answered, log=len)
    event = _signed.event(_signed.command())
    headers, body = event["headers"], event["body"].encode()
    signature, timestamp = headers["x-signature-ed25519"], headers["x-signature-timestamp"]

    def signature_alone() -> object:
        return verify(_signed.KEY, signature, timestamp, body)

    answer = door(event)
    if answer["statusCode"] != 200 or not signature_alone():
        raise SystemExit(f"the front door refuses the bench's own command: {answer}")
    ping = _signed.event(_signed.ping())
    rows = {
        "command: verify, parse, route, log": summarize(_samples(lambda: door(event))),
        "ping: verify, parse, answer, log": summarize(_samples(lambda: door(ping))),
        "signature alone": summarize(_samples(signature_alone)),
    }
    target = Target("verify, parse, route (median)", next(iter(rows.values())).median, LIMIT_US, "µs")
    report("front_door", rows, "µs", [target], {"body": f"{len(body)} bytes"})


def _answered(
    function: str,  # noqa: ARG001
    payload: dict[str, Any],  # noqa: ARG001
    *,
    asynchronous: bool,  # noqa: ARG001
    timeout_s: float,  # noqa: ARG001
) -> dict[str, Any]:
    """A function that answers at once: the bench is of the front door alone."""
    return {"v": 1, "kind": "message", "data": {}, "images": []}


def _samples(work: Callable[[], object]) -> list[float]:
    for _ in range(SAMPLES // 10):
        work()
    samples = []
    for _ in range(SAMPLES):
        began = time.perf_counter_ns()
        work()
        samples.append((time.perf_counter_ns() - began) / 1000)
    return samples


if __name__ == "__main__":
    main()
