"""``./dev synth``, ``diff`` and ``deploy STAGE``: the AWS CDK with our Python and a current Node."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys

from infra.build.node import npx
from local.servers import ROOT

CLI = "aws-cdk@2.1148.1"
"""The command line of the CDK is a Node program; npx gets it for ``diff`` and ``deploy``, ``synth`` goes without."""
OUT = ROOT / "cdk.out"


def run(arguments: argparse.Namespace) -> int:
    if arguments.command == "synth":
        return _synth(arguments.context)
    words = npx("--yes", CLI, arguments.command, "--app", f"{sys.executable} app.py")
    if arguments.command == "deploy":
        words += ["--context", f"stage={arguments.stage}", "--all"]
        if os.environ.get("CI"):  # nobody is there to say yes; the workflow's environment asked already
            words += ["--require-approval", "never"]
    words += [word for choice in arguments.context for word in ("--context", choice)]
    return subprocess.run(words, cwd=ROOT, check=False).returncode


def _synth(choices: list[str]) -> int:
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    context |= dict(choice.split("=", 1) for choice in choices if "=" in choice)
    environment = {**os.environ, "CDK_OUTDIR": str(OUT), "CDK_CONTEXT_JSON": json.dumps(context)}
    done = subprocess.run([sys.executable, "app.py"], cwd=ROOT, env=environment, check=False)
    if done.returncode == 0:
        for template in sorted(OUT.glob("*.template.json")):
            print(f"  {template.relative_to(ROOT)}")
    return done.returncode
