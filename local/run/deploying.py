"""``./dev deploy STAGE``, ``./dev deployments STAGE`` and ``./dev doctor --stage STAGE``."""

from __future__ import annotations

import argparse
import subprocess
from collections.abc import Sequence

from infra.cdk.options import options_from
from infra.cdk.stage import stage_named
from local.deploy.account import Account, DeployError
from local.deploy.dependencies import of_stage
from local.deploy.history import Entry
from local.deploy.quotas import Fit, fits
from local.deploy.running import deploy, history
from local.deploy.steps import STEPS, Deployment
from local.run.cdk import command_line
from local.run.doctor import shown
from local.servers import ROOT, ServerError


def run(arguments: argparse.Namespace) -> int:
    try:
        stage_named(arguments.stage)
    except ValueError as error:
        raise ServerError(str(error)) from error
    wanted = {"deploy": _deploy, "deployments": _deployments, "doctor": _doctor}
    return wanted[arguments.command](arguments)


def _deployment(arguments: argparse.Namespace) -> Deployment:
    choices = dict(choice.split("=", 1) for choice in arguments.context)
    return Deployment(arguments.stage, choices, Account(), _cdk)


def _deploy(arguments: argparse.Namespace) -> int:
    names = list(STEPS)
    unknown = {arguments.first, *arguments.only} - {None, *names}
    if unknown:
        raise ServerError(f"no step {', '.join(sorted(map(str, unknown)))}; there are {', '.join(names)}")
    if arguments.only:
        names = arguments.only
    elif arguments.first:
        names = names[names.index(arguments.first) :]
    entry = deploy(_deployment(arguments), names, commit=_commit(), say=_say)
    print(f"{arguments.stage}: {entry.outcome}")
    return 0 if entry.outcome == "succeeded" else 1


def _deployments(arguments: argparse.Namespace) -> int:
    for entry in history(_deployment(arguments)).latest(arguments.most):
        print(line(entry))
        for step in entry.steps:
            if not step.good:
                print(f"    {step.name}: {step.detail}")
    return 0


def line(entry: Entry) -> str:
    """One deployment for people."""
    seconds = sum(step.seconds for step in entry.steps)
    version = entry.versions.get("interactions", "-")
    return (
        f"{entry.began:%Y-%m-%d %H:%M} UTC  {entry.commit[:12]:<12}  {entry.outcome:<22} {seconds:7.0f} s  "
        f"front door {version:>4}  {entry.who.rpartition('/')[2]}"
    )


def _doctor(arguments: argparse.Namespace) -> int:
    deployment = _deployment(arguments)
    deployment.account.who()
    stage = stage_named(deployment.stage)
    found = list(fits(deployment.account, stage, options_from(deployment.choices.get, stage)))
    for fit in found:
        print(f"  {_word(fit):<8} {fit.what:<19} {fit.detail}")
    return max(shown(of_stage(deployment), "broken"), int(any(fit.good is False for fit in found)))


def _word(fit: Fit) -> str:
    return "unknown" if fit.good is None else "ok" if fit.good else "no room"


def _cdk(words: Sequence[str]) -> None:
    done = subprocess.run(command_line(words), cwd=ROOT, check=False)
    if done.returncode != 0:
        raise DeployError(f"cdk {words[0]} ended with status {done.returncode}: see above")


def _commit() -> str:
    said = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    return said.stdout.strip()


def _say(text: str) -> None:
    print(text, flush=True)
