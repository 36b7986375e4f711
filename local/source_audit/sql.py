"""SQL is literal: what ``execute``, ``one``, ``all`` … get as their first argument is known when the file is read.

A literal is a string, strings added or joined by f-string out of other literals, a name that the module sets once to a
literal, or an entry of a table of literals. Whatever else could carry a person's text into the statement; values are
bound as parameters instead.
What this rule does not see: a statement that reaches the driver through another method name.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from local.source_audit.finding import Finding

METHODS = frozenset({"execute", "execute_many", "executemany", "one", "all"})
EXEMPT: Mapping[str, str] = {
    "layers/shared/python/dbsbm/database/database.py": "the session itself: passes on what repositories give it",
    "layers/shared/python/dbsbm/database/migrate.py": "runs our own migration files",
    "layers/shared/python/dbsbm/backup/repository.py": "tables and columns by the names that the schema itself gives",
    "layers/shared/python/dbsbm/bets/values/repository.py": "repeats one fixed alternative per key; keys are bound",
}
"""Files where statements pass through, each with its reason."""


def findings(path: Path, text: str) -> Iterator[Finding]:
    """Yield each call whose statement is not literal."""
    if path.as_posix() in EXEMPT:
        return
    tree = ast.parse(text)
    literals = _literal_names(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr not in METHODS or not (node.args or node.keywords):
            continue
        statement = node.args[0] if node.args else _by_keyword(node)
        if statement is not None and not _is_literal(statement, literals):
            yield Finding(path, node.lineno, "sql", f"the statement given to .{node.func.attr}() is not a literal")


def _by_keyword(call: ast.Call) -> ast.expr | None:
    return next((keyword.value for keyword in call.keywords if keyword.arg in {"sql", "query", "operation"}), None)


def _literal_names(tree: ast.Module) -> frozenset[str]:
    """Names of the module that are set exactly once anywhere, at its top, to a literal; in the order of the file."""
    stored = (node for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
    times = Counter(node.id for node in stored)
    times.update(node.arg for node in ast.walk(tree) if isinstance(node, ast.arg))
    known: frozenset[str] = frozenset()
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                pass
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                pass
            case _:
                continue
        if times[name] == 1 and _is_literal(value, known):
            known |= {name}
    return known


def _is_literal(node: ast.expr, known: frozenset[str]) -> bool:
    match node:
        case ast.Constant(value=str()):
            return True
        case ast.Name(id=name) | ast.Subscript(value=ast.Name(id=name)):
            return name in known
        case ast.Dict(values=statements):
            return all(_is_literal(statement, known) for statement in statements)
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return _is_literal(left, known) and _is_literal(right, known)
        case ast.IfExp(body=body, orelse=otherwise):
            return _is_literal(body, known) and _is_literal(otherwise, known)
        case ast.JoinedStr(values=parts):
            return all(_is_literal(part, known) for part in parts)
        case ast.FormattedValue(value=value):
            return _is_literal(value, known)
        case _:
            return False
