"""Bytecode for Lambda's Python, made by that very Python whatever runs here.

``.pyc`` files are only of use to the version that made them, and a folder under ``/var/task`` or ``/opt`` cannot be
written, so without them every cold start compiles everything again.
"""

from __future__ import annotations

import base64
import hashlib
import subprocess
import tarfile
import tempfile
from pathlib import Path

from infra.build.node import node, npm

PYODIDE = "pyodide@0.29.3"
"""CPython 3.13 as WebAssembly, for the Node that the CDK needs anyway."""
SHA512 = "22UBuhOJawj7vKUnS7/F3xK+515LJdjiMAHoCfuS6/PbHiOrSQVnYwDe+2sbVwiOZ3sMMexdXICew6NqOMQGgA=="
MAGIC = b"\xf3\x0d\x0d\x0a"
"""First bytes of what CPython 3.13 compiles."""
PROGRAM = Path(__file__).with_name("compile.mjs")


class BytecodeError(Exception):
    """The compiler could not be had, or refused; the text says which."""


def compile_folder(folder: Path, *, at: str, tools: Path) -> None:
    """Compile ``folder`` in place for a life at the path ``at``; ``tools`` keeps the compiler.

    Raises
    ------
    BytecodeError
        When npm cannot get the compiler, when it is not the one we know, or for a source that does not compile.
    """
    words = node(str(PROGRAM), str(_pyodide(tools)), str(folder.resolve()), at)
    done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 — our own fixed program
    if done.returncode != 0:
        raise BytecodeError(f"cannot compile {folder}: {done.stdout}{done.stderr}")


def _pyodide(tools: Path) -> Path:
    """The unpacked package, fetched once."""
    kept = tools / PYODIDE
    if not kept.exists():
        tools.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=tools) as folder:
            _fetch(Path(folder))
            settle(Path(folder) / "package", kept)
    return kept


def settle(made: Path, target: Path) -> None:
    """Move a finished folder to its place, unless somebody else was quicker with the same."""
    try:
        made.rename(target)
    except OSError:
        if not target.exists():
            raise


def _fetch(folder: Path) -> None:
    words = npm("pack", "--silent", PYODIDE, "--pack-destination", str(folder))
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 — fixed words
    if done.returncode != 0:
        raise BytecodeError(f"npm has no {PYODIDE}: {done.stderr}")
    [archive] = folder.glob("*.tgz")
    if base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode() != SHA512:
        raise BytecodeError(f"{PYODIDE} is not the package that was looked at")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
