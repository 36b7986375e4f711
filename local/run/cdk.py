"""``./dev synth``, ``diff`` and ``deploy STAGE``: the AWS CDK with our Python and a current Node."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys

from local.servers import ROOT, ServerError

CLI = "aws-cdk@2"
"""The command line of the CDK is a Node program; npx gets it for ``diff`` and ``deploy``, ``synth`` goes without."""


def run(arguments: argparse.Namespace) -> int:
    if arguments.command == "synth":
        return subprocess.run([sys.executable, "app.py"], cwd=ROOT, check=False).returncode
    npx = shutil.which("npx")
    if npx is None:
        raise ServerError("npx is not there though Node comes with the Python packages: delete .venv and start again")
    words = [npx, "--yes", CLI, arguments.command, "--app", f"{sys.executable} app.py"]
    if arguments.command == "deploy":
        words += ["--context", f"stage={arguments.stage}", "--all"]
    return subprocess.run(words, cwd=ROOT, check=False).returncode
