"""What ``./dev`` says and does when programs of the system are missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from local.run import bootstrap, packages
from local.run.arguments import NEEDS, Needs
from local.run.fresh_test import readme_commands
from local.servers import ROOT


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without any program but those put into the folder."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(packages, "PLACES", ())
    monkeypatch.setattr(packages, "BINARIES", tmp_path / "ours")
    return tmp_path


def _program(folder: Path, name: str, text: str = "exit 0") -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return file


def test_without_any_package_manager_the_packages_are_named(empty: Path) -> None:
    with pytest.raises(packages.MissingError, match="mariadb-client-core mariadb-server-core redis-tools"):
        packages.need([packages.MARIADB, packages.REDIS])


def test_without_root_and_sudo_the_command_for_root_is_named(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _program(empty, "apt-get")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(packages.MissingError, match="apt-get install --no-install-recommends redis-tools"):
        packages.need([packages.REDIS])


def test_what_is_there_is_not_installed_again(empty: Path) -> None:
    _program(empty, "mariadbd")
    _program(empty, "apt-get", "exit 1")
    packages.need([packages.MARIADB])


def test_redis_is_found_inside_the_tools_that_install_no_service(empty: Path) -> None:
    _program(empty, "redis-check-rdb", 'case "$0" in *redis-server) echo "Redis server v=7";; esac')
    packages.need([packages.REDIS])
    assert packages.find(packages.REDIS) == str(empty / "ours" / "redis-server")


def test_a_database_elsewhere_needs_no_server_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://dbsbm@db.example:3306/dbsbm")
    monkeypatch.delenv("REDIS_URL", raising=False)
    assert bootstrap.servers(NEEDS["up"]) == [packages.REDIS]
    assert packages.MARIADB in bootstrap.servers(NEEDS["test"])
    assert bootstrap.servers(Needs()) == []


def test_the_settings_file_fills_in_what_the_environment_leaves_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("# REDIS_URL=commented\nDATABASE_URL=file\nDBSBM_HTTP_PORT='8181'\n")
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    assert bootstrap.settings_file({"DATABASE_URL": "environment"}) == {"DBSBM_HTTP_PORT": "8181"}


def test_the_readme_shows_the_two_commands() -> None:
    assert readme_commands((ROOT / "README.md").read_text()) == ["./dev up", "./dev test"]
    with pytest.raises(ValueError, match="README"):
        readme_commands("nothing")


@pytest.mark.parametrize("module", ["bootstrap", "packages", "doctor", "fresh_test"])
def test_what_runs_before_anything_is_installed_needs_no_package(module: str) -> None:
    command = [sys.executable, "-S", "-c", f"import local.run.{module}"]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stderr == ""
