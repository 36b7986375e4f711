"""Templates without deploying or judging them: for the price of a choice, and for tests."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk

from infra.build.layer import ROOT
from infra.catalog import CATALOG
from infra.cdk.options import options_from
from infra.cdk.stacks import build
from infra.cdk.stage import stage_named

PARTS = ("data", "records", "schema", "functions", "watch")


def resources(wanted: Mapping[str, tuple[str, Mapping[str, str]]]) -> dict[str, dict[str, Any]]:
    """By a name of the caller's: the resources of all stacks of a stage with some ``-c`` choices."""
    flags = json.loads((ROOT / "cdk.json").read_text())["context"]
    with tempfile.TemporaryDirectory() as folder:
        app = cdk.App(outdir=folder, context={**flags, "layer": "source"})
        for name, (stage_name, choices) in wanted.items():
            stage = stage_named(stage_name)
            build(app, name, stage=stage, options=options_from(dict(choices).get, stage), catalog=CATALOG)
        app.synth()
        return {name: _read(Path(folder), name) for name in wanted}


def _read(folder: Path, prefix: str) -> dict[str, Any]:
    templates = (folder / f"{prefix}-{part}.template.json" for part in PARTS)
    return {
        f"{template.name.partition('.')[0]}/{name}": resource
        for template in templates
        if template.exists()
        for name, resource in json.loads(template.read_text())["Resources"].items()
    }
