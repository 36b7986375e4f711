"""The bucket of backups as the operator and as somebody else reaches it."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from dbsbm.backup.sealing import KmsKeys
from dbsbm.backup.store import Store
from dbsbm.core.aws import Account, Credentials
from dbsbm.core.bucket import Aws, Bucket
from dbsbm.core.http import HttpRequest
from local.cloud.aws import headers
from local.cloud.execution import Names
from tests.e2e.world import World, after

BUCKET = Names().of("backups")


def store_of(world: World) -> Store:
    account = Account("us-east-1", Credentials("key", "secret"), {"": "http://127.0.0.1"})
    aws = Aws(world.cloud.aws, account)
    return Store(Bucket(aws, BUCKET), KmsKeys(aws, f"alias/{BUCKET}"))


def backed_up(world: World, **event: Any) -> dict[str, Any]:
    made: dict[str, Any] = world.cloud.invoke("job_backup", event)
    after(world, seconds=5)
    return made


def raw(world: World, method: str, key: str, body: bytes = b"", query: str = "") -> bytes:
    """Somebody at the bucket who is not us."""
    url = f"http://127.0.0.1/{BUCKET}/{key}{query}"
    digest = base64.b64encode(hashlib.md5(body).digest()).decode()
    answer = world.cloud.aws(HttpRequest(method, url, headers("s3") | {"content-md5": digest}, body))
    assert answer.status < 300, answer.body
    return answer.body
