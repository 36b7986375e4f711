"""A fix is applied to what was agreed to, and to nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from dbsbm.compliance import remediation
from dbsbm.compliance.remediation import Fix, remedy
from dbsbm.core.aws import Account, Credentials
from dbsbm.core.bucket import Aws
from dbsbm.core.http import HttpRequest, HttpResponse

THINGS = {"bucket": {name: f"dbsbm-{name}" for name in ("audit", "exports", "feeds")}}


def unused(request: HttpRequest) -> HttpResponse:
    raise AssertionError(request.url)


AWS = Aws(unused, Account("us-east-1", Credentials("k", "s"), {}))


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> dict[str, bool]:
    """What each bucket is set to; right is True."""
    now = dict.fromkeys(THINGS["bucket"].values(), False)
    fix = Fix("bucket", lambda _: True, lambda _, full: now[full], lambda _, full, state: now.update({full: state}))
    monkeypatch.setattr(remediation, "FIXES", {"one": fix})
    return now


@pytest.mark.parametrize("named", [{"only": []}, {"states": {}}, {"only": [], "states": {}}])
def test_agreed_to_nothing_is_nothing(settings: dict[str, bool], named: Mapping[str, Any]) -> None:
    done = remedy(AWS, THINGS, {"fix": "one", "apply": True, **named})
    assert (done["changed"], done["after"]) == ([], {})
    assert not any(settings.values())


def test_what_is_named_is_changed_and_can_be_put_back_alone(settings: dict[str, bool]) -> None:
    assert remedy(AWS, THINGS, {"fix": "one", "apply": True, "only": ["feeds"]})["changed"] == ["feeds"]
    assert settings == {"dbsbm-audit": False, "dbsbm-exports": False, "dbsbm-feeds": True}
    remedy(AWS, THINGS, {"fix": "one", "apply": True})
    done = remedy(AWS, THINGS, {"fix": "one", "apply": True, "states": {"feeds": False}})
    assert (done["changed"], done["before"], done["after"]) == (["feeds"], {"feeds": True}, {"feeds": False})
    assert settings == {"dbsbm-audit": True, "dbsbm-exports": True, "dbsbm-feeds": False}
