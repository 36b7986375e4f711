"""The source audit finds planted defects and is silent on this tree."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.source_audit import size, sql, text
from local.source_audit.audit import audit
from local.source_audit.tree import ROOT, source_files

HERE = Path("layers/shared/python/dbsbm/planted/repository.py")


def test_the_tree_is_clean() -> None:
    assert [str(finding) for finding in audit(ROOT, source_files(ROOT))] == []


@pytest.mark.parametrize(
    "statement",
    [
        'session.execute(f"DELETE FROM bets WHERE id = {bet}")',
        'session.execute("DELETE FROM bets WHERE id = " + bet)',
        'session.execute("DELETE FROM bets WHERE id = %s" % bet)',
        'session.execute("DELETE FROM bets WHERE id = {}".format(bet))',
        'session.one(f"SELECT * FROM bets ORDER BY {bet}")',
        'session.all("SELECT * FROM " + bet, ())',
        "session.all(bet)",
        "session.execute(sql=bet)",
        'session.execute_many("INSERT INTO " + bet + " VALUES (%s)", [(1,)])',
        'cursor.executemany("".join(["SELECT ", bet]), ())',
        'query = "SELECT 1"\n    query += bet\n    session.one(query)',
        'session.one("SELECT 1" if bet else bet)',
        "session.one(BUILT)",
        "session.one(TWICE)",
    ],
)
def test_a_statement_that_is_not_literal_is_found(statement: str) -> None:
    module = f"BUILT = str(1)\nTWICE = 'a'\nTWICE = BUILT\ndef f(session, cursor, bet):\n    {statement}\n"
    assert [finding.rule for finding in sql.findings(HERE, module)] == ["sql"]


@pytest.mark.parametrize(
    "statement",
    [
        'session.execute("DELETE FROM bets WHERE id = %s", (bet,))',
        'session.one("SELECT id" " FROM bets" + COLUMNS)',
        'session.all(f"SELECT {COLUMNS} FROM bets WHERE id = %s", (bet,))',
        "session.one(QUERY, (bet,))",
        'session.all("SELECT 1" if bet else QUERY)',
        "all(leg.open for leg in bet)",
    ],
)
def test_a_literal_statement_is_fine(statement: str) -> None:
    module = f'COLUMNS = "id"\nQUERY: str = f"SELECT {{COLUMNS}} FROM bets"\ndef f(session, bet):\n    {statement}\n'
    assert list(sql.findings(HERE, module)) == []


def _planted() -> list[str]:
    """Put together here, so that this file itself holds none."""
    hexadecimal = "0123456789abcdef" * 5
    return [
        f'TOKEN = "M{hexadecimal[:25]}.{hexadecimal[:6]}.{hexadecimal[:30]}"',
        f"https://discord.com/api/v10/webhooks/123456789012345678/{hexadecimal[:64]}",
        f"https://discordapp.com/api/webhooks/123456789012345678/{hexadecimal[:64]}",
        "AK" + "IAIOSFODNN7ABCDEFG",
        f"aws_secret_access_key = {hexadecimal[:40]}",
        "-----BEGIN " + "PRIVATE KEY-----",
        "-----BEGIN RSA " + "PRIVATE KEY-----",
        f"gh{'p'}_{hexadecimal[:36]}",
        f"sk_li{'ve'}_{hexadecimal[:24]}",
        f"mysql://admin:s3cret{'pass'}word@db.internal:3306/dbsbm",
        f'api_key = "{hexadecimal[:32]}"',
        "/" + "root/.cache/pip",
        "/" + "home/ann/dbsbm/layers",
        "/" + "Users/ann/dbsbm",
        f"--index{'-url'} https://packages.internal/simple",
        f"https://py{'pi'}.internal/simple/",
    ]


@pytest.mark.parametrize("line", _planted())
def test_a_secret_or_a_trace_of_a_machine_is_found(line: str) -> None:
    assert {finding.line for finding in text.findings(Path("docs/page.md"), f"first line\n{line}\n")} == {2}


@pytest.mark.parametrize(
    "line",
    [
        "DATABASE_URL=mysql://user:password@host:3306/dbsbm",
        "https://discord.com/api/v10/webhooks/{webhook.id}/{webhook.token}",
        "https://github.com/owner/network/tree/main",
        'token = settings.discord_bot_token_secret or ""',
    ],
)
def test_what_only_looks_like_one_is_left_alone(line: str) -> None:
    assert list(text.findings(Path("docs/page.md"), line)) == []


def test_functions_and_modules_that_do_not_fit_are_found() -> None:
    body = "    pass\n" * 60
    assert [finding.line for finding in size.findings(HERE, f"def f():\n{body}")] == [1]
    assert [finding.line for finding in size.findings(HERE, "x = 1\n" * 501)] == [1]
    assert list(size.findings(HERE, f"def f():\n{body[:-9]}")) == []


def test_without_git_what_tools_leave_behind_is_passed_over(tmp_path: Path) -> None:
    for name in ("dev", "docs/page.md", ".venv/lib/x.py", ".local/state.json", ".mypy_cache/x.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    assert source_files(tmp_path) == [Path("dev"), Path("docs/page.md")]
