"""The erasure ledger outside the database: a gap in it is told, and it is added to behind its end."""

from __future__ import annotations

import pytest

from dbsbm.core.aws import Account, Credentials
from dbsbm.core.bucket import Aws, Bucket
from dbsbm.core.http import HttpRequest, HttpResponse
from dbsbm.privacy.erasure.ledger import Erased, Ledger, LedgerGapError
from local.cloud.errors import FunctionError
from local.cloud.execution import Names
from tests.e2e.test_privacy import erased
from tests.e2e.world import QUIET, World, opened

pytestmark = pytest.mark.slow


class Counted:
    """The way to the bucket, with what went by."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.methods: list[str] = []

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.methods.append(request.method)
        return self._world.cloud.aws(request)

    def bucket(self) -> Bucket:
        account = Account("us-east-1", Credentials("k", "s"), {"": "http://127.0.0.1"})
        return Bucket(Aws(self, account), Names().of("erasures"))


def noted(number: int) -> Erased:
    return Erased(number, f"subject {number}", "2026-09-01T00:00:00+00:00", {7: number})


def removed(bucket: Bucket, key: str) -> None:
    for version in bucket.versions(key):
        bucket.remove_version(version)


def test_a_gap_is_told_and_what_is_behind_it_is_erased_again_all_the_same(database_url: str) -> None:
    with opened(database_url, catalog=QUIET) as world:
        world.set_up()
        bucket = Counted(world).bucket()
        Ledger(bucket).add(noted(1))
        before = world.rows("SELECT * FROM audit_secrets")
        erased(world)
        removed(bucket, "erasures/1.json")
        with world.database.transaction() as session:
            session.execute("DELETE FROM privacy_requests")
            session.execute("DELETE FROM audit_secrets")
            session.execute_many(
                "INSERT INTO audit_secrets VALUES (%s, %s, %s)", [tuple(row.values()) for row in before]
            )
        with pytest.raises(FunctionError, match="LedgerGapError"):
            world.cloud.invoke("job_privacy", {"v": 1, "replay": True})
        queued = world.rows("SELECT user_id FROM privacy_requests WHERE state = 'waiting'")
        assert [row["user_id"] for row in queued] == [world.ann.user_id]


def test_an_erasure_is_noted_behind_the_last_one_whatever_is_missing_at_one_cost(database_url: str) -> None:
    with opened(database_url, catalog=QUIET) as world:
        way = Counted(world)
        bucket = way.bucket()
        for number in range(1, 13):
            Ledger(bucket).add(noted(number))
        removed(bucket, "erasures/3.json")
        way.methods.clear()
        Ledger(bucket).add(noted(13))
        assert way.methods == ["GET", "PUT"]
        found = list[int]()
        with pytest.raises(LedgerGapError, match="lacks 3 of 13"):
            found.extend(each.request_id for each in Ledger(bucket).all())
        assert list(bucket.keys("erasures/3")) == []
