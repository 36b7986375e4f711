"""Which files belong to the source."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MADE = frozenset({".git", ".venv", ".local", "cdk.out", "__pycache__", "node_modules", ".hypothesis"})


def source_files(root: Path) -> Sequence[Path]:
    """Files that are committed or could be, relative to ``root``; without git, all but what tools leave behind."""
    listed = (
        subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=root,
            capture_output=True,
            check=False,
        )
        if (root / ".git").exists()
        else None
    )
    if listed is not None and listed.returncode == 0:
        names = {Path(name) for name in listed.stdout.decode().split("\0") if name}
        return sorted(name for name in names if (root / name).is_file())
    found = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
    return sorted(path for path in found if not any(part in MADE or part.endswith("_cache") for part in path.parts))
