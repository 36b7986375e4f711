"""The erasure ledger outside the database: what a restored database has to be told."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dbsbm.core.bucket import Bucket
from dbsbm.core.errors import DbsbmError

_PREFIX = "erasures/"
_ENTRY = re.compile(_PREFIX + r"([1-9]\d*)\.json")


@dataclass(frozen=True, slots=True)
class Erased:
    """One erasure: the person keyed, and their number in each community."""

    request_id: int
    subject: str
    received_at: str
    numbers: Mapping[int, int]


class LedgerGapError(DbsbmError):
    """Entries of the erasure ledger are missing; ``detail`` has their numbers. Those that are there were given."""

    code = "erasure_ledger_gap"


class Ledger:
    """Objects ``erasures/1.json``, ``erasures/2.json``, … that are never written over."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    def add(self, erased: Erased) -> None:
        """Append behind the last entry, whatever is missing before it. Raises BucketError."""
        numbers = {str(guild_id): number for guild_id, number in erased.numbers.items()}
        document = {
            "v": 1,
            "request_id": str(erased.request_id),
            "subject": erased.subject,
            "received_at": erased.received_at,
            "numbers": numbers,
        }
        body = json.dumps(document, sort_keys=True).encode()
        at = max(self._entries(), default=0) + 1
        while not self._bucket.put(f"{_PREFIX}{at}.json", body, new=True):
            at += 1

    def all(self) -> Iterator[Erased]:
        """Every erasure, oldest first; one may come twice.

        Raises
        ------
        BucketError
            Where it cannot be told what is there.
        LedgerGapError
            Behind the last one, when others are missing before it.
        """
        missing, next_one = list[str](), 1
        for at in sorted(self._entries()):
            body = self._bucket.get(f"{_PREFIX}{at}.json")
            missing += [str(number) for number in range(next_one, at if body is not None else at + 1)]
            next_one = at + 1
            if body is None:
                continue
            document = json.loads(body)
            numbers = {int(guild): int(number) for guild, number in document["numbers"].items()}
            yield Erased(int(document["request_id"]), document["subject"], document["received_at"], numbers)
        if missing:
            raise LedgerGapError(f"the erasure ledger lacks {', '.join(missing)} of {next_one - 1}")

    def _entries(self) -> list[int]:
        found = (_ENTRY.fullmatch(key) for key in self._bucket.keys(_PREFIX))
        return [int(entry[1]) for entry in found if entry is not None]
