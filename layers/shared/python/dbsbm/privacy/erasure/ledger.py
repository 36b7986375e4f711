"""The erasure ledger outside the database: what a restored database has to be told."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dbsbm.core.bucket import Bucket


@dataclass(frozen=True, slots=True)
class Erased:
    """One erasure: the person keyed, and their number in each community."""

    request_id: int
    subject: str
    received_at: str
    numbers: Mapping[int, int]


class Ledger:
    """Objects ``erasures/1.json``, ``erasures/2.json``, … that are never written over."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    def add(self, erased: Erased, guess: int) -> None:
        """Append; ``guess`` is a number at or below the next free one. Raises BucketError."""
        numbers = {str(guild_id): number for guild_id, number in erased.numbers.items()}
        document = {
            "v": 1,
            "request_id": str(erased.request_id),
            "subject": erased.subject,
            "received_at": erased.received_at,
            "numbers": numbers,
        }
        body = json.dumps(document, sort_keys=True).encode()
        while not self._bucket.put(f"erasures/{guess}.json", body, new=True):
            guess += 1

    def all(self) -> Iterator[Erased]:
        """Every erasure, oldest first; one may come twice. Raises BucketError."""
        at = 1
        while (body := self._bucket.get(f"erasures/{at}.json")) is not None:
            document = json.loads(body)
            numbers = {int(guild): int(number) for guild, number in document["numbers"].items()}
            yield Erased(int(document["request_id"]), document["subject"], document["received_at"], numbers)
            at += 1
