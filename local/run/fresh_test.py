"""``./dev fresh-test``: the README's two commands in a new minimal Debian that has Python and nothing else.

By hand, as root, some minutes. The machine is a folder (debootstrap, minbase) entered by chroot, so its processes and
ports are this machine's. It borrows this machine's way to package sources: apt's and pip's settings, certificates.
Standard library alone.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import IO

from local.run import packages
from local.run.arguments import parse

ROOT = packages.ROOT
SHARED = ROOT.parent / "shared"
SUITE = "bookworm"
HOUSE = "srv/dbsbm"
UP_WITHIN_S = 900
BORROWED = re.compile(r"^(PIP_|SSL_CERT|REQUESTS_CA|CURL_CA|NODE_EXTRA_CA)|_proxy$", re.IGNORECASE)
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
DEBOOTSTRAP = packages.Program("debootstrap", ("debootstrap",), ("debootstrap",), ())


def main() -> int:
    wanted = parse(sys.argv[1:])
    if os.geteuid() != 0:
        print("./dev fresh-test needs root: it makes a machine's folder and enters it", file=sys.stderr)
        return 1
    packages.need([DEBOOTSTRAP])
    machine = Path(tempfile.mkdtemp(prefix="dbsbm-fresh-"))
    try:
        with ExitStack() as stack:
            _make(machine, stack)
            return _rounds(machine)
    finally:
        if wanted.keep:
            print(f"the machine's folder: {machine}")
        else:
            shutil.rmtree(machine, ignore_errors=True)


def readme_commands(text: str) -> Sequence[str]:
    """The two commands of the README, as they stand in its code blocks.

    Raises
    ------
    ValueError
        When it does not show them.
    """
    shown = re.findall(r"^\s*(?:\$ )?(\./dev (?:up|test))\b[^\n]*$", text, re.MULTILINE)
    if set(shown) < {"./dev up", "./dev test"}:
        raise ValueError("README.md does not show ./dev up and ./dev test")
    return ["./dev up", "./dev test"]


def _make(machine: Path, stack: ExitStack) -> None:
    """A Debian with Python, our source, and this machine's way to packages."""
    stack.callback(_end_all, machine)
    _say("debootstrap")
    packages_ = "--include=python3,ca-certificates"
    _run(["debootstrap", "--variant=minbase", packages_, SUITE, str(machine), *_mirror()], quiet=True)
    for name in ("proc", "dev"):
        source = ["-t", "proc", "proc"] if name == "proc" else ["--bind", "/dev"]
        _run(["mount", *source, str(machine / name)])
        stack.callback(_run, ["umount", "--lazy", str(machine / name)])
    _borrow(machine, stack)
    _clone(machine / HOUSE / "main")
    if SHARED.is_dir():
        shutil.copytree(SHARED, machine / HOUSE / "shared", symlinks=True)


def _clone(tree: Path) -> None:
    """What is committed, as a clone would have it, without needing git in the machine."""
    tree.mkdir(parents=True)
    with subprocess.Popen(["git", "archive", "HEAD"], cwd=ROOT, stdout=subprocess.PIPE) as archive:
        _run(["tar", "-x", "-C", str(tree)], stdin=archive.stdout)
    if archive.returncode != 0:
        raise packages.MissingError("git archive failed: ./dev fresh-test needs a git checkout")


def _mirror() -> list[str]:
    """Where this machine's apt gets Debian from; empty leaves it to debootstrap."""
    lists = [Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").glob("*")]
    text = "\n".join(file.read_text() for file in lists if file.is_file())
    found = re.search(r"(?:^URIs:|^deb(?: \[[^\]]*\])?)\s+(\S+/debian)/?\s", text, re.MULTILINE)
    return [found.group(1)] if found else []


def _borrow(machine: Path, stack: ExitStack) -> None:
    for file in (Path("/etc/resolv.conf"), CERTIFICATES):
        if file.exists():
            _copy(file, machine / file.relative_to("/"))
    for file in Path("/etc/apt/apt.conf.d").glob("*"):
        if "Acquire::" in file.read_text():
            _copy(file, machine / file.relative_to("/"))
    for file in _pip_files():
        _copy(file, machine / file.relative_to("/"))
        for folder in re.findall(r"(?:file://|(?<=[\s=]))(/[\w./-]+)", file.read_text()):
            _mount_read_only(Path(folder), machine, stack)


def _pip_files() -> list[Path]:
    places = [*Path("/etc/xdg/pip").glob("*"), Path("/etc/pip.conf"), Path.home() / ".config/pip/pip.conf"]
    return [file for file in places if file.is_file()]


def _mount_read_only(source: Path, machine: Path, stack: ExitStack) -> None:
    """Show a folder of packages at the same place in the machine; an index lies beside the files it speaks of."""
    folder = source.parent if source.name == "simple" else source
    target = machine / folder.relative_to("/")
    if not folder.is_dir() or target.exists():
        return
    target.mkdir(parents=True)
    _run(["mount", "--bind", "--read-only", str(folder), str(target)])
    stack.callback(_run, ["umount", "--lazy", str(target)])


def _rounds(machine: Path) -> int:
    tree = machine / HOUSE / "main"
    up, test = readme_commands((tree / "README.md").read_text())
    committed = {file for file in tree.rglob("*") if not file.is_dir()}
    for title in ("first", "again", "after git clean -xdf"):
        if title.startswith("after"):
            _clean(tree, committed)
        _say(f"{up} ({title})")
        if not _up(machine, up):
            return 1
        _say(f"{test} ({title})")
        if subprocess.run(_inside(machine, test), env=_environment(), check=False).returncode != 0:
            _say(f"{test} failed")
            return 1
    _say("all green")
    return 0


def _up(machine: Path, command: str) -> bool:
    """Start, wait until it says that it is ready, interrupt as Ctrl-C does, and look whether all ended."""
    ports = {"DBSBM_HTTP_PORT": _free_port(), "DBSBM_DISCORD_PORT": _free_port()}
    environment = {**_environment(), **{name: str(port) for name, port in ports.items()}}
    started = time.monotonic()
    process = subprocess.Popen(
        _inside(machine, command), env=environment, start_new_session=True, stdout=subprocess.PIPE, text=True
    )
    patience = threading.Timer(UP_WITHIN_S, process.kill)
    patience.start()
    ready = _wait_for_ready(process)
    good = ready and _answers(ports["DBSBM_HTTP_PORT"], "/health") and _answers(ports["DBSBM_DISCORD_PORT"], "/")
    _say(f"{command}: {'ready' if good else 'NOT ready'} after {time.monotonic() - started:.0f} s")
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
    rest = _rest(process)
    patience.cancel()
    left = list(_processes(machine).values())
    _say(f"Ctrl-C: exit status {process.returncode}, left running: {left or 'nothing'}{'' if good else rest}")
    return good and not left


def _wait_for_ready(process: subprocess.Popen[str]) -> bool:
    """Pass on what it says until it is ready; False when it ends before."""
    for line in process.stdout or ():
        print(line, end="", flush=True)
        if line.startswith("Ready"):
            return True
    return False


def _rest(process: subprocess.Popen[str]) -> str:
    """What it still says until it ends; one that does not end within a minute is ended by force."""
    try:
        return process.communicate(timeout=60)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        return "it did not end by itself"


def _processes(machine: Path) -> Mapping[int, str]:
    """Command lines of living processes whose root is the machine's folder, by number."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "root").readlink() == machine:
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                found[int(process.name)] = command
        except OSError:
            continue  # it ended while we looked
    return found


def _end_all(machine: Path) -> None:
    """Whatever still runs in the machine's folder."""
    for number in _processes(machine):
        with suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)


def _clean(tree: Path, committed: Collection[Path]) -> None:
    """What ``git clean -xdf`` does."""
    folders = {folder for file in committed for folder in file.parents}
    for path in sorted(tree.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            if path not in folders:
                shutil.rmtree(path, ignore_errors=True)
        elif path not in committed:
            path.unlink(missing_ok=True)


def _inside(machine: Path, command: str) -> list[str]:
    # The shell passes the signals on because it becomes the command.
    return ["chroot", str(machine), "/bin/sh", "-c", f"cd /{HOUSE}/main && exec {command}"]


def _environment() -> Mapping[str, str]:
    borrowed = {name: value for name, value in os.environ.items() if BORROWED.search(name)}
    return {**borrowed, "HOME": "/root", "LANG": "C.UTF-8", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "CI": "1"}


def _answers(port: int, path: str) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, target)


def _run(command: Sequence[str], *, quiet: bool = False, stdin: IO[bytes] | None = None) -> None:
    output = subprocess.DEVNULL if quiet else None
    done = subprocess.run(list(command), stdin=stdin, stdout=output, check=False)
    if done.returncode != 0:
        raise packages.MissingError(f"`{' '.join(command)}` failed")


def _say(line: str) -> None:
    print(f"── {time.strftime('%H:%M:%S')} {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
