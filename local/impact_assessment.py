"""The privacy impact assessment, written from the data inventory: ``docs/privacy.md``.

``docs/privacy_sign_off.json`` says who signed it, when, and the fingerprint of the inventory that they had read.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from dbsbm.privacy.inventory import COLUMNS, TABLES
from dbsbm.privacy.inventory.model import Class, Column, Table, fingerprint

DOCUMENT = Path("docs/privacy.md")
SIGN_OFF = Path("docs/privacy_sign_off.json")
Standing = Literal["signed", "stale", "unsigned"]

_RISKS = (
    (
        "Somebody reads in a channel what a person bets",
        "It is what they posted for that; tails, cases, drafts and settings are answered privately.",
    ),
    (
        "Data of one community reaches another",
        "Every repository of a community is bound to it; a test tries every command with foreign objects.",
    ),
    (
        "A record is kept of somebody who left",
        "`/privacy delete` works in direct messages too; the record stays under a number that is theirs in that one "
        "community alone.",
    ),
    (
        "The audit log names somebody for good",
        "It holds keyed names only; the key is random, a person's own, and deleted with them.",
    ),
    (
        "A copy of the database is restored after an erasure",
        "Erasures are listed keyed, and done again with `job_privacy` before the restored database serves anybody.",
    ),
    (
        "In a community of a few people a record alone says whose it was",
        "It may. Those who were there remember; the record names nobody, and its amounts are kept because "
        "sums of others depend on them.",
    ),
)


@dataclass(frozen=True, slots=True)
class SignOff:
    by: str
    on: str
    fingerprint: str


def standing(sign_off: SignOff, columns: Sequence[Column]) -> Standing:
    """Whether what was signed is the inventory as it is."""
    if not sign_off.by:
        return "unsigned"
    return "signed" if sign_off.fingerprint == fingerprint(columns) else "stale"


def document(root: Path) -> str:
    """The assessment as Markdown."""
    sign_off = SignOff(**json.loads((root / SIGN_OFF).read_text(encoding="utf-8")))
    said = {
        "signed": f"Signed off by {sign_off.by} on {sign_off.on}.",
        "stale": f"**Stale**: {sign_off.by} signed another inventory on {sign_off.on}; somebody has to read this one.",
        "unsigned": "Nobody has signed it off yet.",
    }[standing(sign_off, COLUMNS)]
    classes = Counter(column.classed for column in COLUMNS)
    lines = [
        "# What is held about people",
        "",
        "Generated from `dbsbm/privacy/inventory` by `python -m local.generate`; do not edit.",
        "",
        f"{said} Fingerprint of the inventory: `{fingerprint(COLUMNS)}`. To sign: write name, day and fingerprint "
        f"into `{SIGN_OFF.as_posix()}`; with another inventory the tests fail from then on. In each stage an operator "
        "signs with `/compliance control impact-assessment-signed`, which fails once the inventory is another.",
        "",
        f"{len(TABLES)} tables, {len(COLUMNS)} columns: "
        + ", ".join(f"{classes[each]} {each.value}" for each in Class)
        + ".",
        "",
        "## Risks",
        "",
        "| risk | what is done about it |",
        "|---|---|",
        *(f"| {risk} | {measure} |" for risk, measure in _RISKS),
        "",
        "## Tables with personal data",
        "",
    ]
    for table in sorted(TABLES, key=lambda each: each.name):
        if table.identifiers or table.behavioural or table.content:
            lines += _of(table)
    without = sorted(table.name for table in TABLES if not (table.identifiers or table.behavioural or table.content))
    lines += ["## Tables without", "", ", ".join(f"`{name}`" for name in without) + "."]
    return "\n".join(lines) + "\n"


def _of(table: Table) -> list[str]:
    rows = [
        ("Why", f"{table.purpose}; {table.basis}"),
        ("How long", table.kept),
        ("Erasure", str(table.erase)),
        ("Identifiers", table.identifiers),
        ("Behavioural", table.behavioural),
        ("Content", table.content),
        ("Secrets", table.secrets),
        ("Encrypted besides the storage", table.sealed),
    ]
    return [f"### {table.name}", "", *(f"- {name}: {said}" for name, said in rows if said), ""]
