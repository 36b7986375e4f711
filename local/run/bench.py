"""``./dev bench [name]``: run one file of ``bench/``; it prints a table and writes ``bench/results/<name>.json``."""

from __future__ import annotations

import argparse
import subprocess
import sys

from local.servers import ROOT, ServerError


def run(arguments: argparse.Namespace) -> int:
    names = sorted(file.stem for file in (ROOT / "bench").glob("*.py") if not file.stem.startswith("_"))
    if arguments.name is None:
        print("./dev bench NAME:", ", ".join(names))
        return 0
    if arguments.name not in names:
        raise ServerError(f"no measurement {arguments.name!r}; there are {', '.join(names)}")
    return subprocess.run(
        [sys.executable, "-m", f"bench.{arguments.name}", *arguments.rest], cwd=ROOT, check=False
    ).returncode
