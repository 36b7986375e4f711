"""Programs of the operating system that DBSBM needs, and how to get them. Standard library alone.

Debian and Ubuntu: the packages are chosen so that no system service appears: ``mariadb-server-core`` is the server
program alone, and ``redis-tools`` carries the Redis program under another name (``redis-check-rdb`` is the same file),
to which ``.local/bin/redis-server`` points. macOS: Homebrew formulas, which start nothing by themselves.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARIES = ROOT / ".local" / "bin"
PLACES = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin", "/opt/homebrew/sbin", "/usr/local/bin")


class MissingError(Exception):
    """Something is missing that we cannot get; the message says what to do."""


@dataclass(frozen=True)
class Program:
    """A program we run: names it goes by, the packages it comes in."""

    what: str
    names: tuple[str, ...]
    debian: tuple[str, ...]
    homebrew: tuple[str, ...]


MARIADB = Program("MariaDB", ("mariadbd",), ("mariadb-server-core", "mariadb-client-core"), ("mariadb",))
MARIADB_INSTALL = Program("MariaDB's set-up", ("mariadb-install-db",), MARIADB.debian, MARIADB.homebrew)
MARIADB_DUMP = Program("mariadb-dump", ("mariadb-dump",), ("mariadb-client",), MARIADB.homebrew)
MARIADB_CLIENT = Program("MariaDB's client", ("mariadb",), MARIADB.debian, MARIADB.homebrew)
REDIS = Program("Redis", ("redis-server", "valkey-server"), ("redis-tools",), ("redis",))
PROMTOOL = Program("promtool", ("promtool",), ("prometheus",), ("prometheus",))
CHROMIUM = Program("Chromium", ("chromium", "chromium-browser", "google-chrome"), ("chromium",), ())


def find(program: Program, path: str | None = None) -> str | None:
    """Return the path of an installed program, looked for in ``path`` or the usual places."""
    places = path or os.pathsep.join([str(BINARIES), os.environ.get("PATH", ""), *PLACES])
    for name in program.names:
        found = shutil.which(name, path=places)
        if found:
            return found
    return None


def need(programs: Sequence[Program]) -> None:
    """Install those of the programs that are missing.

    Raises
    ------
    MissingError
        Naming the packages to install by hand.
    """
    link_redis()
    missing = [program for program in programs if find(program) is None]
    if not missing:
        return
    install(
        [program.what for program in missing],
        debian=sorted({name for program in missing for name in program.debian}),
        homebrew=sorted({name for program in missing for name in program.homebrew}),
    )
    link_redis()
    still = [program.what for program in missing if find(program) is None]
    if still:
        raise MissingError(f"{', '.join(still)}: installed, but the program is not where it is looked for ({PLACES})")


def install(what: Sequence[str], *, debian: Sequence[str], homebrew: Sequence[str]) -> None:
    """Install packages with the system's own package manager.

    Raises
    ------
    MissingError
        When there is none, when we may not, or when it fails.
    """
    print(f"  installing {', '.join(what)} …", flush=True)
    if shutil.which("apt-get"):
        _apt(debian)
    elif sys.platform == "darwin" and shutil.which("brew") and homebrew:
        _run(["brew", "install", *homebrew], {"HOMEBREW_NO_AUTO_UPDATE": "1"})
    else:
        raise MissingError(
            f"{', '.join(what)} missing, and neither apt-get nor Homebrew is here to install it.\n"
            f"Install it yourself (Debian's packages: {' '.join(debian)}) and start again."
        )


def unpack(program: Program) -> None:
    """Take one program out of a Debian package that would otherwise bring a service with it.

    Raises
    ------
    MissingError
        Where there is no apt, or it has no such package.
    """
    if not shutil.which("apt-get"):
        raise MissingError(f"{program.what} is taken from a Debian package, and there is no apt-get here")
    print(f"  getting {program.what} …", flush=True)
    BINARIES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=BINARIES) as folder:
        _run(["apt-get", "download", "-q", *program.debian], {}, folder)
        for package in Path(folder).glob("*.deb"):
            _run(["dpkg-deb", "-x", str(package), folder], {}, folder)
        for name in program.names:
            shutil.move(Path(folder) / "usr/bin" / name, BINARIES / name)


def link_redis() -> None:
    """Let ``.local/bin/redis-server`` point at the program inside ``redis-tools``."""
    carrier = shutil.which("redis-check-rdb")
    if find(REDIS) is not None or carrier is None:
        return
    BINARIES.mkdir(parents=True, exist_ok=True)
    link = BINARIES / "redis-server"
    link.unlink(missing_ok=True)
    link.symlink_to(carrier)
    shown = subprocess.run([str(link), "--version"], capture_output=True, text=True, check=False)
    if "Redis server" not in shown.stdout and "Valkey server" not in shown.stdout:
        link.unlink()


def _apt(packages: Sequence[str]) -> None:
    before = _as_root(packages)
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    _run([*before, "apt-get", "update", "-q"], quiet)
    _run([*before, "apt-get", "install", "-q", "-y", "--no-install-recommends", *packages], quiet)


def _as_root(packages: Sequence[str]) -> list[str]:
    if os.geteuid() == 0:
        return []
    by_hand = f"apt-get install --no-install-recommends {' '.join(packages)}"
    if not shutil.which("sudo"):
        raise MissingError(f"This needs root. Run as root, then start again:\n  {by_hand}")
    question = [] if sys.stdin.isatty() else ["--non-interactive"]
    allowed = subprocess.run(["sudo", *question, "true"], check=False)
    if allowed.returncode != 0:
        raise MissingError(f"sudo refused. Run as root, then start again:\n  {by_hand}")
    return ["sudo", *question, "DEBIAN_FRONTEND=noninteractive"]


def _run(command: Sequence[str], environment: dict[str, str], folder: str | None = None) -> None:
    log = ROOT / ".local" / "log" / "install.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a") as file:
        file.write(f"$ {' '.join(command)}\n")
        file.flush()
        done = subprocess.run(
            list(command), env=os.environ | environment, cwd=folder, stdout=file, stderr=subprocess.STDOUT, check=False
        )
    if done.returncode != 0:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-12:])
        raise MissingError(f"`{' '.join(command)}` failed. The end of {log}:\n{tail}")
