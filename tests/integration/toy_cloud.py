"""A small catalog of toy functions, and a cloud that runs it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from infra.catalog import Bucket, Catalog, Function, HttpRoute, Permit, Queue, Ref, Schedule, Secret
from local.cloud import Cloud, VirtualClock

FUNCTIONS = Path(__file__).parent / "cloud_functions"
START = datetime(2026, 9, 10, 12, 0, tzinfo=UTC)
SETTINGS = {"COLOUR": "green", "UNUSED": "never seen"}


def toy_catalog(*more: Function) -> Catalog:
    """The toy functions, and further ones of the test's."""
    functions = (
        Function(
            "toy_echo",
            "Gives back what it got.",
            network="edge",
            timeout_s=5,
            environment={"COLOUR": Ref("setting", "COLOUR"), "BUCKET": Ref("bucket", "things"), "PLAIN": "text"},
        ),
        Function("toy_crash", "Fails.", network="edge", timeout_s=5, retries=2),
        Function("toy_slow", "Takes its time.", network="data", timeout_s=1),
        Function("toy_gate", "Waits.", network="edge", timeout_s=20, concurrency=2),
        Function(
            "toy_nested",
            "Invokes another.",
            network="data",
            timeout_s=10,
            permits=(
                *(
                    Permit(("lambda:InvokeFunction",), Ref("function", f"toy_{name}"))
                    for name in ("echo", "crash", "slow")
                ),
                Permit(("secretsmanager:GetSecretValue",), Ref("secret", "given-key")),
                Permit(("s3:GetObject",), Ref("bucket", "things")),
            ),
        ),
        Function("toy_log", "Logs.", network="edge"),
        Function("toy_memory", "Takes memory.", network="edge"),
        Function("toy_broken", "Cannot be imported.", network="edge"),
        Function("toy_mirror", "Over HTTP.", network="edge", triggers=(HttpRoute("POST", "/mirror"),)),
    )
    return Catalog(
        (*functions, *more),
        (Queue("failed-invocations"),),
        (Bucket("things"),),
        (Secret("given-key", "Given."), Secret("made-key", "Generated.", generated_bytes=32)),
    )


def toy_cloud(mode: Any = "in_process", *, catalog: Catalog | None = None, **arguments: Any) -> Cloud:
    """A cloud of toy functions at noon of 10 September 2026."""
    settings = SETTINGS | arguments.pop("settings", {})
    return Cloud(
        catalog or toy_catalog(), VirtualClock(START), mode=mode, settings=settings, functions=FUNCTIONS, **arguments
    )


def scheduled(expression: str, timezone: str = "UTC", **more: Any) -> Function:
    """``toy_echo`` under a schedule."""
    return Function("toy_echo", "Scheduled.", network="edge", triggers=(Schedule(expression, timezone),), **more)
