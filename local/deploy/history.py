"""What was deployed when, by whom, and how it ended: one document for each deployment, in a bucket of the stage."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

Outcome = Literal["succeeded", "failed", "stopped before traffic", "rolled back"]


@dataclass(frozen=True, slots=True)
class Step:
    """``detail`` says what was done, or why it failed."""

    name: str
    good: bool
    seconds: float
    detail: str


@dataclass(frozen=True, slots=True)
class Entry:
    """``began`` in UTC; ``versions`` of the functions that people notice, once they have shifted."""

    stage: str
    began: datetime
    commit: str
    who: str
    outcome: Outcome
    steps: Sequence[Step]
    versions: dict[str, str]

    @property
    def key(self) -> str:
        return f"{self.began:%Y-%m-%dT%H-%M-%SZ}-{self.commit[:12] or 'unknown'}.json"

    def to_json(self) -> str:
        return json.dumps({"v": 1, **asdict(self), "began": self.began.isoformat()}, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Entry:
        document = json.loads(text)
        steps = tuple(Step(**step) for step in document["steps"])
        began = datetime.fromisoformat(document["began"])
        names = ("stage", "commit", "who", "outcome", "versions")
        return cls(**{name: document[name] for name in names}, began=began, steps=steps)


class History:
    """``s3`` is boto3's client."""

    def __init__(self, s3: Any, bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def add(self, entry: Entry) -> None:
        self._s3.put_object(
            Bucket=self._bucket, Key=entry.key, Body=entry.to_json().encode(), ContentType="application/json"
        )

    def latest(self, most: int) -> list[Entry]:
        """The newest first."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket)
        keys = sorted((item["Key"] for page in pages for item in page.get("Contents", [])), reverse=True)
        found = (self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read() for key in keys[:most])
        return [Entry.from_json(body.decode()) for body in found]
