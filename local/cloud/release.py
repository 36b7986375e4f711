"""A second version of the functions beside the first, and how much of the traffic it gets: an alias with weights.

CodeDeploy's part in a shift is played by ``local/rehearsal.py``; the one call of its API that a function makes is
answered here, because moto does not know it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from random import Random
from typing import Any

from dbsbm.core.http import HttpRequest, HttpResponse
from infra.catalog import Function
from local.cloud.execution import Outcome
from local.cloud.processes import Processes

FIRST, SECOND = "1", "2"
HOOK_CALL = "CodeDeploy_20141006.PutLifecycleEventHookExecutionStatus"


class Release:
    """``live`` of a function goes to the second version as often as its share says; a number goes where it says."""

    def __init__(self, runner: Processes, seed: int) -> None:
        self._runner = runner
        self._random = Random(seed)  # noqa: S311 — which of two versions
        self._shares: dict[str, float] = {}

    def shift(self, names: Iterable[str], share: float) -> None:
        """Give the second version this share (0 to 1) of the calls of these functions."""
        self._shares.update(dict.fromkeys(names, share))

    def takes(self, name: str, qualifier: str) -> bool:
        """Whether a call belongs to the second version."""
        return qualifier == SECOND or (qualifier != FIRST and self._random.random() < self._shares.get(name, 0.0))

    def logs(self, name: str) -> list[dict[str, Any]]:
        """What the second version of a function printed and logged."""
        return self._runner.logs(name)

    def run(self, function: Function, payload: bytes, request_id: str, arn: str) -> Outcome:
        return replace(self._runner.run(function, payload, request_id, arn), version=SECOND)


class Hooks:
    """What functions told CodeDeploy, by the execution's id."""

    def __init__(self) -> None:
        self.told: dict[str, str] = {}

    def answer(self, request: HttpRequest) -> HttpResponse | None:
        """The answer to that one call; None for any other."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        if headers.get("x-amz-target") != HOOK_CALL:
            return None
        said = json.loads(request.body)
        execution = str(said["lifecycleEventHookExecutionId"])
        self.told[execution] = str(said["status"])
        body = json.dumps({"lifecycleEventHookExecutionId": execution}).encode()
        return HttpResponse(200, {"content-type": "application/x-amz-json-1.1"}, body)
