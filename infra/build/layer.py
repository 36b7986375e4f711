"""What is uploaded: the shared layer and each function's folder, built for Lambda without Docker.

The same sources and pins come to the same bytes on every machine, so that a deployment changes what changed.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from infra.build.bytecode import PROGRAM, PYODIDE, compile_folder, settle
from infra.build.elf import stripped

ROOT = Path(__file__).parents[2]
BUILD = ROOT / ".local/build"
SOURCE = ROOT / "layers/shared/python"
REPORTS = ROOT / "layers/reports"
FUNCTIONS = ROOT / "functions"
REQUIREMENTS = (ROOT / "requirements.txt", ROOT / "constraints.txt")
HOW = (Path(__file__), Path(__file__).with_name("bytecode.py"), Path(__file__).with_name("elf.py"), PROGRAM)
"""A change in how it is built is a change too."""
PLATFORM = (
    "--only-binary=:all:",
    "--platform=manylinux2014_aarch64",
    "--platform=manylinux_2_17_aarch64",
    "--platform=manylinux_2_28_aarch64",
    "--python-version=3.13",
    "--implementation=cp",
    "--abi=cp313",
    "--abi=abi3",
    "--abi=none",
)
KEPT_BUILDS = 3
_FOLDERS = ("bin", "**/tests", "**/test", "**/__pycache__")
_FILES = (
    *("**/*.pyi", "**/*.pyx", "**/*.pxd", "**/*.c", "**/*.h", "**/py.typed"),
    *(f"*.dist-info/{name}" for name in ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")),
)
"""Nothing reads these at run time; names, versions and licences of the packages stay."""


def build_shared_layer(build: Path = BUILD) -> Path:
    """Build ``<build>/shared/<digest>/python`` from the pinned arm64 wheels for Python 3.13 and our source.

    Raises
    ------
    subprocess.CalledProcessError
        When pip cannot find a wheel for the platform.
    BytecodeError
        See ``bytecode.compile_folder``.
    """

    def make(target: Path) -> None:
        site = _installed(REQUIREMENTS[0], target)
        shutil.copytree(SOURCE / "dbsbm", site / "dbsbm")
        _strip(site)
        compile_folder(site, at="/opt/python", tools=build / "tools")

    return once(build / "shared", [*REQUIREMENTS, *_files(SOURCE)], make)


def build_reports_layer(build: Path = BUILD) -> Path:
    """The same of the wheels that ``layers/reports`` names alone: what makes PDFs."""
    requirements = REPORTS / "requirements.txt"

    def make(target: Path) -> None:
        site = _installed(requirements, target)
        _strip(site)
        compile_folder(site, at="/opt/python", tools=build / "tools")

    return once(build / "reports", [requirements, REQUIREMENTS[1]], make)


def _installed(requirements: Path, target: Path) -> Path:
    site = target / "python"
    words = ["install", "--quiet", "--disable-pip-version-check", "--no-compile", "--target", str(site), *PLATFORM]
    words += ["-r", str(requirements)]
    subprocess.run([sys.executable, "-m", "pip", *words], check=True)  # noqa: S603 — our own fixed arguments
    return site


def build_functions(build: Path = BUILD) -> Path:
    """Build ``<build>/functions/<digest>/<name>/<name>``: the inner folder is what lies in ``/var/task``."""
    names = sorted(path.parent.name for path in FUNCTIONS.glob("*/handler.py"))

    def make(target: Path) -> None:
        for name in names:
            shutil.copytree(FUNCTIONS / name, target / name / name, ignore=shutil.ignore_patterns("__pycache__"))
            # All at once takes a tenth of one after another; each is then moved to where it would be alone.
            shutil.copytree(target / name / name, target / "task" / name)
        compile_folder(target / "task", at="/var/task", tools=build / "tools")
        for name in names:
            for compiled in (target / "task" / name).rglob("__pycache__"):
                shutil.copytree(compiled, target / name / name / compiled.relative_to(target / "task" / name))
        shutil.rmtree(target / "task")

    return once(build / "functions", _files(FUNCTIONS), make)


def tree_digest(folder: Path) -> str:
    """SHA-256 over every file below ``folder``, names and bytes."""
    return _digest(folder, sorted(path for path in folder.rglob("*") if path.is_file()))


def once(place: Path, inputs: list[Path], make: Callable[[Path], None]) -> Path:
    """What stands there for these inputs, or made now; a build that was broken off leaves nothing behind."""
    target = place / _digest(ROOT, [*inputs, *HOW], PYODIDE)[:16]
    if target.exists():
        return target
    place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place, prefix=".making-") as folder:
        made = Path(folder) / "made"
        made.mkdir()
        make(made)
        settle(made, target)
    builds = sorted((path for path in place.iterdir() if path.name[0] != "."), key=lambda path: path.stat().st_mtime)
    for old in builds[:-KEPT_BUILDS]:
        shutil.rmtree(old, ignore_errors=True)
    return target


def _strip(site: Path) -> None:
    for pattern in _FOLDERS:
        for folder in list(site.glob(pattern)):
            shutil.rmtree(folder, ignore_errors=True)
    for pattern in _FILES:
        for file in list(site.glob(pattern)):
            file.unlink()
    for library in [*site.rglob("*.so"), *site.rglob("*.so.*")]:
        library.write_bytes(stripped(library.read_bytes()))


def _files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts]


def _digest(base: Path, paths: Iterable[Path], *words: str) -> str:
    digest = hashlib.sha256()
    for word in words:
        digest.update(word.encode() + b"\0")
    for path in paths:
        digest.update(path.relative_to(base).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
