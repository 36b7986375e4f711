"""All rules over a set of files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from local.source_audit import size, sql, text
from local.source_audit.finding import Finding

PRODUCT = ("functions/", "layers/")
MADE_BY_HAND = (*PRODUCT, "infra/", "local/", "bench/")


def audit(root: Path, files: Iterable[Path]) -> Iterator[Finding]:
    """Yield the findings in ``files`` (relative to ``root``). Files that are not text are passed over."""
    for path in files:
        try:
            content = (root / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        yield from text.findings(path, content)
        if path.suffix != ".py":
            continue
        if path.as_posix().startswith(PRODUCT):
            yield from sql.findings(path, content)
        if path.as_posix().startswith(MADE_BY_HAND):
            yield from size.findings(path, content)
