"""What the catalog's permits come to, one by one: the roles are made of them, the local cloud checks calls by them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from infra.catalog import Catalog, Function, Permit

_OF_A_BUCKET = re.compile(r"s3:(ListBucket|(Get|Put)(Bucket|EncryptionConfiguration))")


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """``resource`` is ``kind:name``; the objects of a bucket are ``objects:<bucket>``."""

    function: str
    action: str
    resource: str

    def __str__(self) -> str:
        return f"{self.function} {self.action} {self.resource}"


def on_objects(permit: Permit) -> bool:
    """Whether a permit is about what lies in a bucket, not about the bucket itself."""
    return permit.resource.kind == "bucket" and not any(map(_OF_A_BUCKET.match, permit.actions))


def grants_of(function: Function) -> Iterator[Grant]:
    for permit in function.permits:
        kind = "objects" if on_objects(permit) else permit.resource.kind
        for action in permit.actions:
            yield Grant(function.name, action, f"{kind}:{permit.resource.name}")


def every_grant(catalog: Catalog) -> frozenset[Grant]:
    return frozenset(grant for function in catalog.functions for grant in grants_of(function))
