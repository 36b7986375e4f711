"""CDK app: the catalog as stacks, one set per stage (``-c stage=dev|staging|prod``)."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import aws_cdk as cdk

from infra.catalog import CATALOG
from infra.cdk.stacks import DataStack, FunctionStack
from infra.cdk.stage import stage_named

app = cdk.App()
stage = stage_named(str(app.node.try_get_context("stage") or "dev"))
data = DataStack(app, f"dbsbm-{stage.name}-data", stage=stage, catalog=CATALOG)
FunctionStack(app, f"dbsbm-{stage.name}-functions", stage=stage, catalog=CATALOG, data=data)
app.synth()
