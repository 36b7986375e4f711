"""``./dev synth`` and ``diff``: the AWS CDK with our Python and a current Node."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence

from infra.build.node import npx
from local.servers import ROOT

CLI = "aws-cdk@2.1148.1"
"""The command line of the CDK is a Node program; npx gets it for ``diff`` and ``deploy``, ``synth`` goes without."""
OUT = ROOT / "cdk.out"


def run(arguments: argparse.Namespace) -> int:
    if arguments.command == "synth":
        return _synth(arguments.context)
    choices = [word for choice in arguments.context for word in ("--context", choice)]
    return subprocess.run(command_line(["diff", *choices]), cwd=ROOT, check=False).returncode


def command_line(words: Sequence[str]) -> list[str]:
    """The CDK's own command line with these words."""
    # Nobody is there to say yes: the workflow's environment asked already.
    quiet = ["--require-approval", "never"] if os.environ.get("CI") and words[0] == "deploy" else []
    return npx("--yes", CLI, *words, "--app", f"{sys.executable} app.py", *quiet)


def _synth(choices: list[str]) -> int:
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    context |= dict(choice.split("=", 1) for choice in choices if "=" in choice)
    environment = {**os.environ, "CDK_OUTDIR": str(OUT), "CDK_CONTEXT_JSON": json.dumps(context)}
    done = subprocess.run([sys.executable, "app.py"], cwd=ROOT, env=environment, check=False)
    if done.returncode == 0:
        for template in sorted(OUT.glob("*.template.json")):
            print(f"  {template.relative_to(ROOT)}")
    return done.returncode
