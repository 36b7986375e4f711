"""Every method that changes a table writes an event, or stands on the list of those that need none.

And it does so by the session of the change: what becomes of the one becomes of the other (``test_audit_atomic.py``).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from dbsbm.database.session import Session
from local.cloud.execution import LAYER
from local.source_audit.sql import METHODS
from tests.integration.statements import statements

PRODUCT = LAYER / "dbsbm"
_CHANGES = re.compile(r"^(?:INSERT (?:IGNORE )?INTO|UPDATE|DELETE FROM|REPLACE INTO)\s+(\w+)", re.IGNORECASE)
_TABLE = re.compile(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+) \(")
RECORDING = frozenset({"append", "append_alike"})

NO_RECORD = {
    "database/database.py": "claims of interactions and their answers: kept for a day so that repeats have one effect",
    "outbox/": "what Discord is to show: it follows from changes that have their event",
    "delivery/": "what Discord was brought to: it follows from the outbox",
    "retention/": "removes rows whose time is over: none of them is a bet, a grade or a setting",
    "audit/": "the log itself",
    "games/feed/": "what sources say of games and prices, and how much they were asked: nobody decided it",
    "games/props/": "as above, of players' lines",
    "games/weather/": "as above, of the weather",
    "games/facts/repository.py keep": "what sources say of players: nobody decided it",
    "games/sources/repository.py append_": "what sources say of games: nobody decided it",
    "games/sources/repository.py keep": "as above, and the games that events are by their names and times",
    "games/sources/repository.py bring_scores": "the score that most sources have: nobody decided it",
    "games/sources/repository.py set_states": "that games begin, end or do not take place: nobody decided it",
    "settlement/repository.py": "closing prices, reckoned from those that are kept",
    "settlement/results/repository.py": "which games are still to be looked at: decisions on bets have their events",
    "privacy/canary/": "somebody who does not exist, in no community",
    "keys/repository.py put": "words, sealed: what is said and by whom has its event where it is written",
    "keys/repository.py drop": "as above",
    "keys/sweep/": "words that are sealed anew say what they said",
    "keys/ages/": "how old keys are: nobody decided it",
    "bets/drafts/repository.py": "nothing is bet before it is posted",
    "bets/standings/repository.py": "sums that are reckoned from the ledger",
    "bets/values/repository.py": "closing line values, reckoned from prices that are kept",
    "bets/evening/repository.py open_card": "which message shows a result",
    "bets/evening/repository.py put_on_card": "which message shows a result",
    "bets/evening/repository.py mark_posted": "which message shows a result",
    "bets/proposals/repository.py stamped": "that a slip was drawn anew",
    "bets/disputes/repository.py mark_carded": "which message shows a case",
    "bets/imports/": "bets/imports/service.py writes an event for the bets of a step, and for taking them back",
    "community/repository.py due_at": "when a recap or reminder is due next",
    "community/repository.py off": "as above; the setting behind it has its event",
    "community/repository.py add_post": "which recap was posted",
    "community/repository.py tell": "what a recap shows",
    "community/repository.py forget_posts": "old recaps: reckoned from the ledger",
    "community/repository.py put_counter": "which channel's name shows a number",
    "community/repository.py drop_counter": "which channel's name shows a number",
    "community/repository.py put_holders": "who holds the role of the best: it follows from the leaderboard",
    "community/repository.py drop_holder": "who holds the role of the best: it follows from the leaderboard",
    "guilds/life/repository.py doubt": "when to look whether a guild is still there",
    "guilds/routing/repository.py reachable_again": "what Discord said of a channel",
    "community/repository.py notice": "what Discord refused: nobody decided it",
    "bets/news/repository.py": "who is still to be told of a result: it follows from the decision",
    "guilds/notices/repository.py mark": "a role that Discord refused: nobody decided it",
    "guilds/notices/repository.py clear": "a role that Discord refused: nobody decided it",
    "webhooks/": "commands/webhook.py writes what admins do with endpoints; the rest is what these are told",
    "privacy/removal/repository.py targets": "begin and end write an event each for a guild that is removed",
    "privacy/removal/repository.py rows": "begin and end write an event each for a guild that is removed",
    "privacy/erasure/repository.py": "remember writes an event for each community, and the request its own",
    "tiers/repository.py": "what was bought is told by Discord, who keeps the record, again each night",
}
"""Files and methods without an event, each with its reason."""


def tables() -> set[str]:
    """All that the migrations make."""
    made = (PRODUCT / "database/migrations").glob("*.up.sql")
    return {name for path in made for name in _TABLE.findall(path.read_text(encoding="utf-8"))}


def changing() -> Mapping[str, set[str]]:
    """The tables that each function or method changes by its own statements: "file function" → tables."""
    known = tables()
    places: dict[str, list[tuple[int, str]]] = {}
    for each in statements():
        changed = _CHANGES.match(each.sql)
        if changed and changed[1] in known:
            name, _, line = each.where.partition(":")
            places.setdefault(name, []).append((int(line), changed[1]))
    for path in sorted(PRODUCT.rglob("repository.py")):
        picked = [(line, "a table of statements") for line in _by_table(path)]
        if picked:
            places.setdefault(path.relative_to(PRODUCT).as_posix(), []).extend(picked)
    found: dict[str, set[str]] = {}
    for name, lines in places.items():
        for at, table in lines:
            found.setdefault(f"{name} {_around(PRODUCT / name, at).name}", set()).add(table)
    return found


def _by_table(path: Path) -> Iterator[int]:
    """Where a statement is picked from a table of statements, which may change anything."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not node.args:
            continue
        if node.func.attr == "execute" and isinstance(node.args[0], ast.Subscript):
            yield node.lineno


def _functions(path: Path) -> Iterator[ast.FunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def _around(path: Path, line: int) -> ast.FunctionDef:
    inner = [f for f in _functions(path) if f.lineno <= line <= (f.end_lineno or 0)]
    return max(inner, key=lambda function: function.lineno)


def records(place: str) -> bool:
    """Whether a function writes an event itself, or is a private part of functions that all do."""
    name, _, wanted = place.partition(" ")
    functions = {function.name: function for function in _functions(PRODUCT / name)}
    called = _calls(functions[wanted])
    if called & RECORDING or any(_calls(functions[each]) & RECORDING for each in called if each in functions):
        return True
    callers = [each for each in functions.values() if wanted in _calls(each) and each.name != wanted]
    return wanted.startswith("_") and bool(callers) and all(records(f"{name} {each.name}") for each in callers)


def _calls(function: ast.FunctionDef) -> set[str]:
    calls = (node.func for node in ast.walk(function) if isinstance(node, ast.Call))
    return {
        call.attr if isinstance(call, ast.Attribute) else call.id
        for call in calls
        if (isinstance(call, ast.Attribute) and _is_audit(call)) or isinstance(call, ast.Name)
    }


def _is_audit(call: ast.Attribute) -> bool:
    """``found.append(…)`` of a list is no event: ``self.…`` and an AuditRepository's are looked at alone."""
    owner = ast.unparse(call.value)
    return owner == "self" or "udit" in owner


def excused(place: str) -> bool:
    return any(place.startswith(entry) for entry in NO_RECORD)


def test_every_change_has_its_event() -> None:
    silent = sorted(place for place in changing() if not excused(place) and not records(place))
    assert silent == []


SESSIONS = frozenset({"session", "self._session"})
"""What a repository calls the transaction that it was given: it has no other, and cannot end it."""


def strays(place: str) -> list[str]:
    """Where a method would write a change and its event by different sessions, or go on after one of them failed."""
    name, _, wanted = place.partition(" ")
    return [f"{place}: {stray}" for stray in _strays((PRODUCT / name).read_text(encoding="utf-8"), wanted)]


def _strays(source: str, wanted: str) -> list[str]:
    tree = ast.parse(source)
    function = next(each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef) and each.name == wanted)
    found = [ast.unparse(each) for each in ast.walk(function) if isinstance(each, ast.Try)]
    for node in ast.walk(tree):
        used = None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
            used = ast.unparse(node.func.value)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("AuditRepository", *RECORDING):
            used = ast.unparse(node.args[0])
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).endswith("._session"):
            used = ast.unparse(node.value)
        if used is not None and used not in SESSIONS:
            found.append(ast.unparse(node))
    return found


def test_every_event_is_written_by_the_session_of_its_change() -> None:
    recording = [place for place in changing() if records(place)]
    assert len(recording) >= 50
    assert [stray for place in recording for stray in strays(place)] == []
    assert not {"commit", "rollback"} & set(dir(Session)), "who is given a session cannot end it"


@pytest.mark.parametrize(
    ("line", "stray"),
    [
        ("AuditRepository(self._session, 0).append(kind, subject)", False),
        ("AuditRepository(self._other, 0).append(kind, subject)", True),
        ("append(database.session(), [])", True),
        ("self._other.execute('DELETE FROM bets')", True),
    ],
)
def test_an_event_by_another_session_is_found(line: str, stray: bool) -> None:
    source = f"def change(self):\n    self._session.execute('UPDATE bets SET state = 1')\n    {line}\n"
    assert bool(_strays(source, "change")) is stray
    caught = "def change(self):\n    try:\n        append(self._session, [])\n    except ValueError:\n        pass\n"
    assert _strays(caught, "change")


def test_what_needs_no_event_is_there() -> None:
    places = [*changing(), "database/database.py"]
    assert [entry for entry in NO_RECORD if not any(place.startswith(entry) for place in places)] == []


def test_a_method_that_says_nothing_is_found() -> None:
    assert not records("bets/drafts/repository.py save")
    assert records("bets/repository.py add")
    assert "bets/repository.py _append_terms" in changing()
