"""What an acknowledgement of cdk-nag is; the lists of them stand in the modules beside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

NIST, HIPAA, PCI = "NIST.800.53.R5", "HIPAA.Security", "PCI.DSS.321"
HALF_YEAR, YEAR = date(2027, 6, 1), date(2027, 12, 1)


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """``rules``: names in the report, ``<data>`` and so on standing for a stack. ``where``: paths below the stage.

    A path begins with the stack: ``data/``, ``records/``, ``schema/``, ``functions/`` or ``watch/``. ``stages`` limits
    it to these, all when empty.
    """

    rules: tuple[str, ...]
    where: tuple[str, ...]
    reason: str
    owner: str
    expires: date
    stages: tuple[str, ...] = ()


def in_packs(rule: str, *packs: str) -> tuple[str, ...]:
    return tuple(f"{pack}-{rule}" for pack in packs)
