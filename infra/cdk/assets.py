"""What is uploaded: each function's folder, and the shared layer built for Lambda without Docker."""

from __future__ import annotations

import compileall
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "layers/shared/python"
REQUIREMENTS = (ROOT / "requirements.txt", ROOT / "constraints.txt")
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


def _digest(paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _sources() -> list[Path]:
    return [path for path in sorted(SOURCE.rglob("*")) if path.is_file() and "__pycache__" not in path.parts]


def build_shared_layer(out: Path) -> Path:
    """Build ``out/<digest>/python`` from the pinned arm64 wheels for Python 3.13 and our source, once per input.

    Raises
    ------
    subprocess.CalledProcessError
        When pip cannot find a wheel for the platform.
    """
    target = out / _digest([*REQUIREMENTS, *_sources()])
    if (target / "complete").exists():
        return target
    shutil.rmtree(target, ignore_errors=True)
    site = target / "python"
    arguments = ["install", "--quiet", "--no-compile", "--target", str(site), *PLATFORM, "-r", str(REQUIREMENTS[0])]
    subprocess.run([sys.executable, "-m", "pip", *arguments], check=True)  # noqa: S603 — our own fixed arguments
    shutil.copytree(SOURCE / "dbsbm", site / "dbsbm", ignore=shutil.ignore_patterns("__pycache__"))
    for rubbish in [*site.glob("bin"), *site.rglob("tests"), *site.rglob("__pycache__")]:
        shutil.rmtree(rubbish, ignore_errors=True)
    if sys.version_info[:2] == (3, 13):  # bytecode is only of use to the version that made it
        compileall.compile_dir(site, quiet=2, invalidation_mode=compileall.PycInvalidationMode.UNCHECKED_HASH)
    (target / "complete").touch()
    return target
