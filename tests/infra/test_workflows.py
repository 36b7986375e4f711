"""The workflows are valid, run fixed code, and hold no more rights than they need."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
MAY_WRITE = {"deploy.yml": {"id-token"}, "deploy-stage.yml": {"id-token"}, "diff.yml": {"pull-requests"}}


def _read(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(path.read_text())
    return document


def _steps(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for job in document["jobs"].values():
        yield from job.get("steps", [])


def test_workflows_are_what_github_accepts() -> None:
    tool = str(Path(sys.executable).with_name("check-jsonschema"))
    command = [tool, "--builtin-schema", "vendor.github-workflows", *map(str, WORKFLOWS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_actionlint_finds_nothing() -> None:
    tool = str(Path(sys.executable).with_name("actionlint"))
    done = subprocess.run([tool, "-no-color", *map(str, WORKFLOWS)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_to_a_commit_and_name_its_version(path: Path) -> None:
    for line in re.findall(r"uses: .*", path.read_text()):
        assert re.fullmatch(r"uses: (\./.+\.yml|[\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)", line), line


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_read_and_a_job_writes_only_what_is_listed(path: Path) -> None:
    document = _read(path)
    assert document["permissions"] == {"contents": "read"}
    granted = {name for job in document["jobs"].values() for name, level in job.get("permissions", {}).items()
               if level == "write"}  # fmt: skip
    assert granted == MAY_WRITE.get(path.name, set())


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_nothing_that_others_write_is_pasted_into_a_script(path: Path) -> None:
    for step in _steps(_read(path)):
        assert "${{" not in step.get("run", ""), step
        if "actions/checkout" in step.get("uses", ""):
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_job_ends_some_time(path: Path) -> None:
    for name, job in _read(path)["jobs"].items():
        assert "timeout-minutes" in job or "uses" in job, name


@pytest.mark.parametrize(
    ("choices", "more"), [("", []), ("proxy=true  egress=gateway", ["-c", "proxy=true", "-c", "egress=gateway"])]
)
def test_what_was_chosen_for_a_stage_is_chosen_with_each_deployment(
    tmp_path: Path, choices: str, more: list[str]
) -> None:
    """A merge would otherwise take a proxy away that somebody switched on by hand."""
    [step] = [s for s in _steps(_read(ROOT / ".github/workflows/deploy-stage.yml")) if "./dev" in s.get("run", "")]
    assert step["env"]["CHOICES"] == "${{ vars.CHOICES }}"
    (tmp_path / "dev").write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    (tmp_path / "dev").chmod(0o755)
    given = {"STAGE": "prod", "PUBLIC_KEY": "k", "APPLICATION": "1", "EMAIL": "a@b.example", "CHOICES": choices}
    command = ["bash", "-euo", "pipefail", "-c", step["run"]]
    environment = {**os.environ, **given}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-len(more) - 1 :] == ["alarm_email=a@b.example", *more]


def test_production_waits_for_staging_and_staging_for_the_checks() -> None:
    jobs = _read(ROOT / ".github/workflows/deploy.yml")["jobs"]
    assert (jobs["staging"]["needs"], jobs["production"]["needs"]) == ("ci", "staging")
    assert jobs["production"]["with"]["environment"] == "production"
