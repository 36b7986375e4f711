"""Templates without deploying or judging them: for the price of a choice, and for tests."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk

from infra.catalog import CATALOG
from infra.cdk.assets import ROOT
from infra.cdk.options import options_from
from infra.cdk.stacks import build
from infra.cdk.stage import stage_named


def resources(wanted: Mapping[str, tuple[str, Mapping[str, str]]]) -> dict[str, dict[str, Any]]:
    """By a name of the caller's: the resources of both stacks of a stage with some ``-c`` choices."""
    flags = json.loads((ROOT / "cdk.json").read_text())["context"]
    with tempfile.TemporaryDirectory() as folder:
        app = cdk.App(outdir=folder, context={**flags, "layer": "source"})
        for name, (stage_name, choices) in wanted.items():
            stage = stage_named(stage_name)
            build(app, name, stage=stage, options=options_from(dict(choices).get, stage), catalog=CATALOG)
        app.synth()
        return {name: {**_read(folder, f"{name}-data"), **_read(folder, f"{name}-functions")} for name in wanted}


def _read(folder: str, stack: str) -> dict[str, Any]:
    document = json.loads((Path(folder) / f"{stack}.template.json").read_text())["Resources"]
    return {f"{stack}/{name}": resource for name, resource in document.items()}
