"""CDK app: the catalog as stacks, one set per stage (all of them, or ``-c stage=dev|staging|prod``)."""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import aws_cdk as cdk

from infra.catalog import CATALOG
from infra.cdk.nag import findings, watch
from infra.cdk.options import options_from
from infra.cdk.stacks import build
from infra.cdk.stage import STAGES, stage_named

ROOT = Path(__file__).parent
STARTED = time.monotonic()


def main() -> None:
    """Synthesize; the CDK's command line says where and with which context, without it ``cdk.json`` does."""
    out = Path(os.environ.get("CDK_OUTDIR") or ROOT / "cdk.out")
    alone = "CDK_CONTEXT_JSON" not in os.environ
    context = json.loads((ROOT / "cdk.json").read_text())["context"] if alone else None
    app = cdk.App(outdir=str(out), context=context)
    name = app.node.try_get_context("stage")
    stages = (stage_named(str(name)),) if name else STAGES
    for stage in stages:
        options = options_from(app.node.try_get_context, stage)
        build(app, f"dbsbm-{stage.name}", stage=stage, options=options, catalog=CATALOG)
    watch(app)
    app.synth()
    _report(out, [stage.name for stage in stages])


def _report(out: Path, stages: list[str]) -> None:
    counted = Counter(bool(finding.reason) for finding in findings(out))
    sys.stdout.write(
        f"{', '.join(stages)}: {time.monotonic() - STARTED:.1f} s; cdk-nag: {counted[False]} unexplained findings, "
        f"{counted[True]} acknowledged (infra/cdk/acknowledgements.py)\n"
    )


if __name__ == "__main__":
    main()
