"""Templates that somebody deploys before the app or in another region, as stacks that the rule packs can read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aws_cdk import Stack
from aws_cdk.cloudformation_include import CfnInclude
from constructs import Construct

from infra.build.layer import ROOT
from infra.cdk.acknowledgements import acknowledge

BESIDE: Mapping[str, Path] = {
    "github": ROOT / "infra/github/deploy_role.yaml",
    "copies": ROOT / "infra/region/copies.yaml",
}


class Beside(Stack):
    """In no app that deploys; ``construct_id`` ends in the name that acknowledgements know it by."""

    def __init__(
        self, scope: Construct, construct_id: str, file: Path, *, explained: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)
        CfnInclude(self, "Template", template_file=str(file))
        if explained:
            acknowledge({construct_id.rsplit("-", 1)[1]: self}, "prod")
