"""Functions fit on a screen, modules have one reason to change (STYLE: about 40 and 400 lines; refused well above)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from local.source_audit.finding import Finding

FUNCTION_LINES = 60
MODULE_LINES = 500


def findings(path: Path, text: str) -> Iterator[Finding]:
    """Yield the functions and the module that are too long."""
    lines = text.count("\n")
    if lines > MODULE_LINES:
        yield Finding(path, 1, "size", f"{lines} lines in one module, at most {MODULE_LINES}")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                yield Finding(path, node.lineno, "size", f"{node.name}: {length} lines, at most {FUNCTION_LINES}")
