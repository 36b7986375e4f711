"""What a new version must be able to do before anybody's interaction reaches it.

The front door is asked with a good, a bad and no signature, each command family for an answer that needs the
database, delivery for a run with nothing to do. Nothing of it can be seen in Discord.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from nacl.bindings import crypto_sign, crypto_sign_seed_keypair

from dbsbm.commands import answers
from dbsbm.commands.words.catalogue import Words
from dbsbm.core.aws import Request, quote
from dbsbm.core.bucket import Aws, BucketError
from dbsbm.core.errors import DbsbmError
from dbsbm.discord.signature import SIGNATURE_HEADER, TIMESTAMP_HEADER

Json = dict[str, Any]
FRONT_DOOR, DELIVERY = "interactions", "delivery"
STATUS_CALL = "CodeDeploy_20141006.PutLifecycleEventHookExecutionStatus"
TIMEOUT_S = 15.0
_COMMAND = "before-traffic"
"""No command of ours: the family answers that it does not know it, after a transaction of its own."""


@dataclass(frozen=True, slots=True)
class Question:
    """An event for a function, and what is wrong with an answer; "" when nothing is."""

    function: str
    event: Json
    fault: Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class Canary:
    """Who asks: the seed of a key that the front door takes for a PING, and a guild that nobody is in."""

    seed: bytes
    guild_id: str
    application_id: str


def questions(
    versions: Mapping[str, str], canary: Canary, interaction_id: Callable[[], int], now: datetime
) -> list[Question]:
    """What to ask the functions that have a new version."""
    asked: list[Question] = []
    for function in versions:
        if function == FRONT_DOOR:
            asked += _at_the_front_door(canary, now)
        elif function == DELIVERY:
            asked.append(Question(DELIVERY, {"v": 1, "target_keys": []}, _counted))
        else:
            asked.append(Question(function, _command(canary, interaction_id(), now), _answered))
    return asked


def faults(asked: list[Question], ask: Callable[[str, Json], Any]) -> list[str]:
    """What went wrong, each with the function's name; empty when the version may take traffic."""
    found = []
    for question in asked:
        try:
            fault = question.fault(ask(question.function, question.event))
        except DbsbmError as error:
            fault = f"{error.code}: {error.detail}"
        if fault:
            found.append(f"{question.function}: {fault}")
    return found


def ask_version(aws: Aws, prefix: str, versions: Mapping[str, str]) -> Callable[[str, Json], Any]:
    """Asks a version by its number, whatever ``live`` points at. Raises BucketError when it fails or is not there."""

    def ask(function: str, event: Json) -> Any:
        path = f"/2015-03-31/functions/{quote(prefix + function)}/invocations"
        request = Request("POST", path, f"Qualifier={quote(versions[function])}", json.dumps(event).encode())
        answer = replace(aws, timeout_s=TIMEOUT_S).send("lambda", request, {"content-type": "application/json"})
        if answer.status != 200:
            raise BucketError(f"status {answer.status}", answer.status)
        document = json.loads(answer.body)
        if "x-amz-function-error" in {name.lower() for name in answer.headers}:
            raise BucketError(f"{document.get('errorType')}: {document.get('errorMessage')}")
        return document

    return ask


def report(aws: Aws, event: Mapping[str, Any], found: list[str]) -> str:
    """Tell CodeDeploy; returns the status told."""
    status = "Failed" if found else "Succeeded"
    said = {
        "deploymentId": event["DeploymentId"],
        "lifecycleEventHookExecutionId": event["LifecycleEventHookExecutionId"],
        "status": status,
    }
    aws.call("codedeploy", STATUS_CALL, said)
    return status


def _at_the_front_door(canary: Canary, now: datetime) -> list[Question]:
    body = json.dumps({"type": 1, "id": "1", "application_id": canary.application_id, "version": 1})
    stamp = str(int(now.timestamp()))
    _, secret = crypto_sign_seed_keypair(canary.seed)
    good = crypto_sign(stamp.encode() + body.encode(), secret)[:64].hex()
    bad = f"{int(good[:2], 16) ^ 1:02x}{good[2:]}"
    signed = {TIMESTAMP_HEADER: stamp, SIGNATURE_HEADER: good}
    return [
        Question(FRONT_DOOR, _http(body, signed), _ponged),
        Question(FRONT_DOOR, _http(body, {**signed, SIGNATURE_HEADER: bad}), _refused),
        Question(FRONT_DOOR, _http(body, {}), _refused),
    ]


def _http(body: str, headers: Mapping[str, str]) -> Json:
    return {
        "version": "2.0",
        "routeKey": "POST /discord/interactions",
        "headers": {"content-type": "application/json", **headers},
        "body": body,
        "isBase64Encoded": False,
    }


def _command(canary: Canary, interaction_id: int, now: datetime) -> Json:
    user = {"id": canary.guild_id, "username": "canary"}
    interaction = {
        "id": str(interaction_id),
        "application_id": canary.application_id,
        "type": 2,
        "token": "none",
        "guild_id": canary.guild_id,
        "channel": {"id": canary.guild_id, "type": 0},
        "channel_id": canary.guild_id,
        "member": {"user": user, "roles": [], "permissions": "0"},
        "locale": "en-US",
        "entitlements": [],
        "data": {"id": "1", "name": _COMMAND, "type": 1},
    }
    at = int(now.timestamp() * 1000)
    return {"v": 1, "mode": "inline", "route": _COMMAND, "received_at_ms": at, "interaction": interaction}


def _ponged(answer: Any) -> str:
    good = isinstance(answer, dict) and answer.get("statusCode") == 200 and json.loads(answer["body"]) == {"type": 1}
    return "" if good else "a signed PING got no PONG"


def _refused(answer: Any) -> str:
    good = isinstance(answer, dict) and answer.get("statusCode") == 401
    return "" if good else "a request with a bad signature was not refused"


def _answered(answer: Any) -> str:
    wanted = answers.wire(answers.said(Words()("error.unknown_command")).to_json())
    return "" if answer == wanted else "no answer that needs the database"


def _counted(answer: Any) -> str:
    return "" if isinstance(answer, dict) and "counts" in answer else "a run with nothing to do did not end well"
