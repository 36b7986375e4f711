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


def resources(stage_name: str, choices: Mapping[str, str]) -> dict[str, Any]:
    """The resources of both stacks of a stage with these ``-c`` choices, named ``<stack>/<logical id>``."""
    flags = json.loads((ROOT / "cdk.json").read_text())["context"]
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        app = cdk.App(outdir=folder, context={**flags, "layer": "source"})
        stage = stage_named(stage_name)
        build(app, "preview", stage=stage, options=options_from(dict(choices).get, stage), catalog=CATALOG)
        app.synth()
        for template in sorted(Path(folder).glob("*.template.json")):
            document = json.loads(template.read_text())["Resources"]
            found |= {f"{template.name.partition('.')[0]}/{name}": resource for name, resource in document.items()}
    return found
