"""The official description of Discord's API as an oracle for what we send.

It is read from beside the checkout and never copied into it; tests that need it skip with a reason when it is absent.
It is JSON Schema 2020-12 throughout (OpenAPI 3.1), unions are tagged by ``type``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]
from jsonschema.exceptions import ValidationError  # type: ignore[import-untyped]
from jsonschema.validators import extend  # type: ignore[import-untyped]
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

DESCRIPTION = Path(__file__).resolve().parents[2] / "shared" / "data" / "discord" / "openapi.json"
MISSING = "the official description of Discord's API is not beside this checkout (../shared/data/discord/openapi.json)"

_POINTERS = {
    "callback": "/paths/~1interactions~1{interaction_id}~1{interaction_token}~1callback/post/requestBody/content"
    "/application~1json/schema",
    "commands": "/paths/~1applications~1{application_id}~1commands/put/requestBody/content/application~1json/schema",
    "command": "/components/schemas/ApplicationCommandCreateRequest",
    "command_edit": "/components/schemas/ApplicationCommandPatchRequestPartial",
    "webhook": "/paths/~1channels~1{channel_id}~1webhooks/post/requestBody/content/application~1json/schema",
    "webhook_execute": "/components/schemas/IncomingWebhookRequestPartial",
    "followup": "/components/schemas/IncomingWebhookRequestPartial",
    "webhook_edit": "/components/schemas/IncomingWebhookUpdateRequestPartial",
    "message": "/components/schemas/MessageCreateRequest",
    "message_edit": "/components/schemas/MessageEditRequestPartial",
    "channel_create": "/components/schemas/CreateGuildChannelRequest",
    "channel": "/components/schemas/UpdateGuildChannelRequestPartial",
}
KINDS = tuple(_POINTERS)
_COMMAND_REQUESTS = (
    "ApplicationCommandCreateRequest",
    "ApplicationCommandUpdateRequest",
    "ApplicationCommandPatchRequestPartial",
)


def present() -> bool:
    return DESCRIPTION.exists()


def require() -> None:
    """Skip the test when the description is not there."""
    if not present():
        pytest.skip(MISSING)


def errors(kind: str, body: Any) -> list[str]:
    """What the description finds wrong with a body of a kind in :data:`KINDS`: ``path: message``."""
    return _errors(_POINTERS[kind], json.dumps(body, sort_keys=True))


def response_errors(schema: str, body: Any) -> list[str]:
    """What it finds wrong with an answer, by the name of its schema ("MessageResponse")."""
    return _errors(f"/components/schemas/{schema}", json.dumps(body, sort_keys=True))


@cache
def _errors(pointer: str, text: str) -> list[str]:
    found = _validator(pointer).iter_errors(json.loads(text))
    lines = {
        f"{'/'.join(map(str, leaf.absolute_path))}: {leaf.message[-160:]}" for error in found for leaf in _leaves(error)
    }
    return sorted(lines)


@cache
def _validator(pointer: str) -> Any:
    """What a reference points to, looked up once: the same few hundred stand in every body."""
    there = _registry().resolver("urn:discord").lookup(pointer if pointer.startswith("#") else f"#{pointer}")
    return _plain().evolve(schema=there.contents, _resolver=there.resolver)


@cache
def _plain() -> Any:
    unions = {keyword: _tagged(keyword) for keyword in ("oneOf", "anyOf")}
    made = extend(Draft202012Validator, {**unions, "$ref": _referred})
    return made({}, registry=_registry(), format_checker=FormatChecker())


def _referred(_validating: Any, reference: str, value: Any, _schema: Any) -> Iterator[ValidationError]:
    yield from _validator(reference).iter_errors(value)


def _tagged(keyword: str) -> Any:
    """A union that looks only into the branches with the ``type`` of the value: ten times as fast, same verdict."""
    whole = Draft202012Validator.VALIDATORS[keyword]

    def chosen(validator: Any, branches: list[Any], value: Any, schema: Any) -> Iterator[ValidationError]:
        tag = value.get("type") if isinstance(value, dict) else None
        meant = [each for each in branches if tag in _tags(each)] if isinstance(tag, int) else branches
        yield from whole(validator, meant or branches, value, schema)

    return chosen


class _Any:
    """Holds whatever is asked for: a branch without a tag."""

    def __contains__(self, tag: object) -> bool:
        return True


def _tags(branch: Any) -> Any:
    """The values that a branch takes as ``type``."""
    reference = branch.get("$ref")
    described = _validator(reference).schema if reference else branch
    if described.get("type") == "null":
        return ()
    return described.get("properties", {}).get("type", {}).get("enum", _Any())


@cache
def _registry() -> Registry[Any]:
    document = json.loads(DESCRIPTION.read_text())
    schemas = document["components"]["schemas"]
    for name, schema in schemas.items():
        if not name.endswith("Response") and _is_plain_object(schema):
            schema["additionalProperties"] = False  # a misspelt key is a defect, Discord would ignore it silently
    _correct(schemas)
    described: Resource[Any] = DRAFT202012.create_resource(document)
    empty: Registry[Any] = Registry()
    registry: Registry[Any] = empty.with_resource("urn:discord", described)
    return registry


def _is_plain_object(schema: dict[str, Any]) -> bool:
    composed = {"allOf", "oneOf", "anyOf"} & schema.keys()
    return (
        schema.get("type") == "object"
        and "properties" in schema
        and "additionalProperties" not in schema
        and not composed
    )


def _correct(schemas: dict[str, Any]) -> None:
    """Where the description differs from what Discord documents and takes."""
    rights = {"oneOf": [{"type": "null"}, {"type": "integer", "minimum": 0}, {"type": "string", "pattern": "^[0-9]+$"}]}
    for name in _COMMAND_REQUESTS:
        schemas[name]["properties"]["default_member_permissions"] = rights
    for name in ("allow", "deny"):
        schemas["ChannelPermissionOverwriteRequest"]["properties"][name] = rights
    number = {"oneOf": [{"$ref": "#/components/schemas/SnowflakeType"}, {"type": "integer", "minimum": 0}]}
    schemas["MessageAttachmentRequest"]["properties"]["id"] = number
    file_types = {"type": ["array", "null"], "maxItems": 10, "items": {"type": "string"}}
    for name in ("FileUploadComponentForModalRequest", "ApplicationCommandAttachmentOption"):
        schemas[name]["properties"].setdefault("file_types", file_types)


def _leaves(error: ValidationError) -> Iterable[ValidationError]:
    """The errors in the branches of a union whose ``type`` tag matched; without it every branch would complain."""
    if not error.context:
        return [error]
    branches: dict[Any, list[ValidationError]] = {}
    for inner in error.context:
        branches.setdefault(inner.schema_path[0], []).append(inner)
    meant = [branch for branch in branches.values() if not any(map(_other_branch, branch))]
    return [leaf for branch in meant or branches.values() for inner in branch for leaf in _leaves(inner)]


def _other_branch(error: ValidationError) -> bool:
    if list(error.relative_path) == ["type"] and error.validator in ("enum", "const"):
        return True
    return not error.relative_path and error.validator == "type" and error.validator_value == "null"
