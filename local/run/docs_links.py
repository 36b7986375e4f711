"""Links between the pages of the documentation lead somewhere. Addresses on the internet are not followed."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from local.source_audit.tree import ROOT, source_files

LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)")
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
ELSEWHERE = re.compile(r"^[a-z][a-z+.-]*:")


def broken(root: Path, page: Path) -> Iterator[str]:
    """Yield each link of ``page`` (relative to ``root``) whose file or heading is not there."""
    text = FENCE.sub("", (root / page).read_text())
    for target in LINK.findall(text):
        if ELSEWHERE.match(target):
            continue
        name, _, heading = target.partition("#")
        file = (root / page).parent / name if name else root / page
        if not file.exists():
            yield f"{page}: {target}: no such file"
        elif heading and file.suffix == ".md" and heading not in set(_headings(file.read_text())):
            yield f"{page}: {target}: no such heading"


def _headings(text: str) -> Iterator[str]:
    """The names GitHub gives to headings."""
    for line in re.findall(r"^#+\s+(.*)$", FENCE.sub("", text), re.MULTILINE):
        words = re.sub(r"[^\w\- ]", "", line.strip().lower())
        yield words.replace(" ", "-")


def main() -> int:
    pages = [path for path in source_files(ROOT) if path.suffix == ".md"]
    found = [line for page in pages for line in broken(ROOT, page)]
    print("\n".join([*found, f"{len(pages)} pages, {len(found)} broken links"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
