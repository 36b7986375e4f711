"""Every command of a runbook is there: AWS's in botocore's own description of it, ours in ``./dev``."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name

from infra.catalog import CATALOG
from infra.telemetry import telemetry
from local.deploy.steps import STEPS
from local.run.arguments import parse

PAGES = sorted((Path(__file__).parents[2] / "docs/runbooks").glob("*.md"))
FENCE = re.compile(r"^ *```sh\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`((?:aws|\./dev) [^`]+)`")
SERVICES = {"deploy": "codedeploy", "s3api": "s3"}
"""Where AWS's command line has another name for a service."""
EVERYWHERE = {"query", "output", "region", "cli-binary-format", "profile", "max-items", "no-paginate"}
WRITTEN_BY_HAND = {
    ("logs", "tail"): {"since", "filter-pattern", "follow", "format"},
    ("s3", "sync"): set(),
    ("cloudformation", "deploy"): {"stack-name", "template-file", "capabilities", "parameter-overrides"},
}
"""Commands that the command line adds to what the API has."""
STACKS = {"data", "records", "schema", "functions", "watch", "github", "copies"}


def _commands(page: Path) -> Iterator[str]:
    """Each line of the page's scripts, continued lines joined."""
    for block in FENCE.findall(page.read_text()):
        for line in block.replace("\\\n", " ").splitlines():
            if line.strip() and not line.strip().startswith("#"):
                yield re.sub(r" +", " ", line.strip())


def _inline(page: Path) -> Iterator[str]:
    yield from INLINE.findall(FENCE.sub("", page.read_text()).replace("\n", " "))


def _asked_of_aws(text: str) -> Iterator[tuple[str, str, set[str]]]:
    for found in re.finditer(r"\baws ([a-z0-9-]+) ([a-z0-9-]+)((?: (?:(?!\baws )[^|\n])*)?)", text):
        yield found[1], found[2], set(re.findall(r" --([a-z0-9-]+)", found[3]))


@cache
def _flags(service: str, operation: str) -> frozenset[str] | None:
    """What an operation takes; None when there is no such operation."""
    model = botocore.session.get_session().get_service_model(SERVICES.get(service, service))
    names = {xform_name(name, "-"): name for name in model.operation_names}
    if operation not in names:
        return None
    shape = model.operation_model(names[operation]).input_shape
    members = [xform_name(name, "-") for name in (shape.members if shape else ())]
    return frozenset([*members, *(f"no-{name}" for name in members)])


def _waits(service: str) -> set[str]:
    session = botocore.session.get_session()
    return {xform_name(name, "-") for name in session.get_waiter_model(service).waiter_names}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_a_page_asks_of_aws_is_there(page: Path) -> None:
    for text in [*_commands(page), *_inline(page)]:
        for service, operation, flags in _asked_of_aws(text):
            if (service, operation) in WRITTEN_BY_HAND:
                assert flags <= WRITTEN_BY_HAND[service, operation] | EVERYWHERE, text
            elif operation == "wait":
                assert re.search(r" wait ([a-z-]+)", text)[1] in _waits(service), text  # type: ignore[index]
            else:
                known = _flags(service, operation)
                assert known is not None, f"aws {service} {operation}: no such command"
                assert flags <= known | EVERYWHERE, f"aws {service} {operation}: {sorted(flags - known - EVERYWHERE)}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_a_page_asks_of_dev_is_there(page: Path) -> None:
    for text in _commands(page):
        for found in re.findall(r"""\./dev ((?:"[^"]*"|'[^']*'|[^|&;)"'])+)""", text):
            words = shlex.split(re.sub(r'"?\$[A-Z]+"?', "1", re.sub(r"\s#.*", "", found)))
            asked = parse(words)
            assert {*getattr(asked, "only", []), getattr(asked, "first", None)} <= {*STEPS, None}, text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_a_page_names_of_ours_is_there(page: Path) -> None:
    functions = {function.name for function in CATALOG.functions}
    alarms = {alarm.name for alarm in telemetry(CATALOG, max_connections=1, replica=True).alarms}
    queues = {queue.name for queue in CATALOG.queues}
    known = functions | alarms | queues | STACKS | {"alarms", "people-notice", "restored", "door-out"}
    for name in re.findall(r"dbsbm-\$?STAGE-([a-z][a-z_-]+[a-z])", page.read_text()):
        assert name in known, f"{page.name}: dbsbm-STAGE-{name}"
    for name in re.findall(r"/dbsbm/\$STAGE/([a-z_]+)", page.read_text()):
        assert name in functions, f"{page.name}: /dbsbm/STAGE/{name}"
    secrets = {secret.name for secret in CATALOG.secrets}
    for name in re.findall(r"[^/]dbsbm/\$STAGE/([a-z-]+)\"", page.read_text()):
        assert name in secrets, f"{page.name}: dbsbm/STAGE/{name}"


def test_a_command_that_is_not_there_is_found() -> None:
    assert _flags("lambda", "get-alias") is not None
    assert _flags("lambda", "move-alias") is None
    assert "function-version" in (_flags("lambda", "update-alias") or ())
    assert "functionversion" not in (_flags("lambda", "update-alias") or ())
    assert list(_asked_of_aws('x="$(aws ec2 describe-vpcs --vpc-ids 1)" && aws s3api get-object --key 2')) == [
        ("ec2", "describe-vpcs", {"vpc-ids"}),
        ("s3api", "get-object", {"key"}),
    ]
