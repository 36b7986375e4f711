"""Invoked by operators: leads a pseudonym back once two of them agree.

``{"v": 1, "ask": {"case", "dataset", "pseudonym", "by"}}`` → ``{"reveal"}``; ``{"approve": {"reveal", "by"}}``;
``{"read": {"reveal"}}`` → ``{"user"}``; ``{"name": {"dataset", "user"}}`` → ``{"pseudonym"}``. Who may invoke is IAM's
to say, and who did stands in CloudTrail; ``by`` is what they call themselves. ``{"release": {"month": "2026-11"}}`` →
``{"rows", "suppressed", "k", "attack"}``: a month without anybody in it, or an error where the gate does not open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from dbsbm.anonymity.dataset.month import month
from dbsbm.anonymity.pseudonym import pseudonym, whose
from dbsbm.anonymity.reveals.repository import Asked, RevealRepository
from dbsbm.core.invocation import watched
from dbsbm.environment import Environment, current
from dbsbm.privacy.people.repository import PeopleRepository

_PAGE = 10_000
_STATEMENT_S = 20.0


@watched
def handler(event: Mapping[str, Any], _context: Any) -> dict[str, Any]:
    """One step of a reveal. Raises NotAllowedError, NotFoundError, ConflictError."""
    environment = current()
    if "ask" in event:
        return {"v": 1, "reveal": str(_asked(environment, event["ask"]))}
    if "approve" in event:
        said, now = event["approve"], environment.clock.now()
        environment.database.run(
            lambda session: RevealRepository(session).approve(int(said["reveal"]), str(said["by"]), now)
        )
        return {"v": 1}
    if "release" in event:
        return {"v": 1, **_released(environment, str(event["release"]["month"]))}
    if "name" in event:
        said = event["name"]
        return {"v": 1, "pseudonym": pseudonym(environment.tokens.keyed, str(said["dataset"]), int(said["user"]))}
    return {"v": 1, "user": _read(environment, int(event["read"]["reveal"]))}


def _released(environment: Environment, text: str) -> dict[str, Any]:
    with environment.database.read(statement_s=_STATEMENT_S) as session:
        gone = month(session, date.fromisoformat(f"{text}-01"))
    rows = [dict(row) for row in gone.rows]
    return {"rows": rows, "suppressed": gone.suppressed, "k": gone.k, "attack": gone.attack}


def _asked(environment: Environment, said: Mapping[str, Any]) -> int:
    reveal_id, now = environment.ids.new(), environment.clock.now()
    asked = Asked(reveal_id, str(said["case"]), str(said["dataset"]), str(said["pseudonym"]), str(said["by"]))
    environment.database.run(lambda session: RevealRepository(session).ask(asked, now))
    return reveal_id


def _read(environment: Environment, reveal_id: int) -> str | None:
    """Whose name it is, None where nobody has it: they were erased."""
    now = environment.clock.now()
    asked = environment.database.run(lambda session: RevealRepository(session).read(reveal_id, now))
    found = whose(environment.tokens.keyed, asked.dataset, asked.pseudonym, _known(environment))
    return None if found is None else str(found)


def _known(environment: Environment) -> Iterator[int]:
    after = 0
    while True:
        with environment.database.read() as session:
            page = PeopleRepository(session).known(after, _PAGE)
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1]
