"""Every AWS call of a function, held against the role that the catalog gives it; refused as AWS refuses.

Actions: "Actions, resources, and condition keys for AWS services" (AWS, Service Authorization Reference).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

from dbsbm.core.http import HttpRequest, HttpResponse
from infra.catalog import Catalog
from infra.grants import Grant, every_grant
from local.cloud.execution import Names

_PREFIXES = {
    "TrentService": "kms",
    "secretsmanager": "secretsmanager",
    "AmazonSQS": "sqs",
    "CodeDeploy_20141006": "codedeploy",
}
_KINDS = {"kms": ("key", "KeyId"), "secretsmanager": ("secret", "SecretId"), "sqs": ("queue", "QueueUrl")}
_SETTINGS = {
    "publicAccessBlock": "BucketPublicAccessBlock",
    "versioning": "BucketVersioning",
    "encryption": "EncryptionConfiguration",
    "object-lock": "BucketObjectLockConfiguration",
}
"""What an action on a bucket's setting is called, by the part of its address."""
_OF_A_READ = frozenset({"versionId", "x-id", "response-content-disposition"})
"""What a read of an object may say beside its signature."""
_SCOPE_OF_STACKS = "/cloudformation/aws4_request"
_SCOPE_OF_STS = "/sts/aws4_request"
_SUFFIX_OF_ARN = re.compile(r"-[A-Za-z0-9]{6}$")
INVOKE = "lambda:InvokeFunction"


class Roles:
    """Says what a function may do, and tells every observer what it did and whether it was allowed to."""

    observers: ClassVar[list[Callable[[Grant, bool], None]]] = []

    def __init__(self, catalog: Catalog, names: Names) -> None:
        self._names = names
        self._granted = every_grant(catalog)
        self._aliases: dict[str, str] = {}
        """Of keys by their ids, as KMS said them: roles name the alias."""

    def allows(self, use: Grant) -> bool:
        allowed = use in self._granted
        for observe in self.observers:
            observe(use, allowed)
        return allowed

    def may_invoke(self, function: str, invoked: str, qualifier: str = "live") -> bool:
        """Who may call ``live`` may not call any version, nor the other way round."""
        kind = "version" if qualifier.isdecimal() else "function"
        return self.allows(Grant(function, INVOKE, f"{kind}:{invoked}"))

    def carry(self, function: str, request: HttpRequest, onward: Callable[[HttpRequest], HttpResponse]) -> HttpResponse:
        """The answer of ``onward``, or AWS's refusal where the role does not cover the call."""
        if any(_SCOPE_OF_STS in value for name, value in request.headers.items() if name.lower() == "authorization"):
            return onward(request)  # who one is may be asked by everybody: no policy allows it, none refuses it
        use = self._use(function, request)
        if not self.allows(use):
            return _refusal(use)
        answer = onward(request)
        if use.action == "kms:DescribeKey" and answer.status == 200:
            self._aliases[json.loads(answer.body)["KeyMetadata"]["KeyId"]] = use.resource.removeprefix("key:")
        if use.action == "s3:GetObject" and answer.status == 404:
            # Who may not list a bucket is not told that an object is missing.
            listing = Grant(function, "s3:ListBucket", use.resource.replace("objects:", "bucket:"))
            return answer if self.allows(listing) else _refusal(listing)
        return answer

    def _use(self, function: str, request: HttpRequest) -> Grant:
        headers = {name.lower(): value for name, value in request.headers.items()}
        target = headers.get("x-amz-target", "")
        if target:
            return self._json_use(function, target, request.body)
        if _SCOPE_OF_STACKS in headers.get("authorization", ""):
            asked = parse_qs((request.body or b"").decode())
            stack = self._named(asked.get("StackName", [""])[0])
            return Grant(function, f"cloudformation:{asked.get('Action', ['?'])[0]}", f"stack:{stack}")
        return self._object_use(function, request)

    def _json_use(self, function: str, target: str, body: bytes) -> Grant:
        prefix, _, operation = target.partition(".")
        service = _PREFIXES.get(prefix, prefix)
        if service == "codedeploy":  # the request names an execution, not the group it belongs to
            return Grant(function, f"codedeploy:{operation}", "deployment:group")
        kind, field = _KINDS.get(service, ("unknown", ""))
        document = json.loads(body or b"{}")
        spoken = str(document.get(field, "")).rpartition("/")[2].rpartition(":")[2]
        if kind == "secret" and str(document.get(field, "")).startswith("arn:"):
            spoken = _SUFFIX_OF_ARN.sub("", spoken)
        return Grant(function, f"{service}:{operation}", f"{kind}:{self._aliases.get(spoken) or self._named(spoken)}")

    def _object_use(self, function: str, request: HttpRequest) -> Grant:
        url = urlsplit(request.url)
        bucket, _, key = unquote(url.path).lstrip("/").partition("/")
        name = self._named(bucket)
        asked = parse_qs(url.query, keep_blank_values=True)
        if key:
            action = {"GET": "GetObject", "HEAD": "GetObject", "PUT": "PutObject", "DELETE": "DeleteObject"}
            # An operation on a part of an object, its tags or its lock, has an action of its own that no role has.
            known = not {name for name in asked if not name.startswith("X-Amz-")} - _OF_A_READ
            if "versionId" in asked:  # one version has actions of its own
                action = {"GET": "GetObjectVersion", "HEAD": "GetObjectVersion", "DELETE": "DeleteObjectVersion"}
            if asked.keys() & {"uploads", "uploadId"}:  # an object in parts: written as any other, given up by itself
                written = "s3:AbortMultipartUpload" if request.method == "DELETE" else "s3:PutObject"
                return Grant(function, written, f"objects:{name}")
            return Grant(function, f"s3:{action.get(request.method, '?') if known else '?'}", f"objects:{name}")
        setting = next((_SETTINGS[name] for name in _SETTINGS if name in asked), "")
        if setting:
            verb = {"GET": "Get", "PUT": "Put"}.get(request.method, "?")
            return Grant(function, f"s3:{verb}{setting}", f"bucket:{name}")
        listing = "s3:ListBucketVersions" if "versions" in asked else "s3:ListBucket"
        return Grant(function, listing if request.method in ("GET", "HEAD") else "s3:?", f"bucket:{name}")

    def _named(self, full: str) -> str:
        return full.removeprefix(self._names.prefix)


def _refusal(use: Grant) -> HttpResponse:
    text = f"User {use.function} is not authorized to perform: {use.action} on resource: {use.resource}"
    if use.action.startswith("s3:"):
        body = f'<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>{text}</Message></Error>'
        return HttpResponse(403, {"content-type": "application/xml"}, body.encode())
    headers: Mapping[str, str] = {"content-type": "application/x-amz-json-1.1"}
    document = {"__type": "AccessDeniedException", "Message": text}
    return HttpResponse(400, headers, json.dumps(document).encode())
