"""The frameworks that controls are mapped to, and the requirements of each by which coverage is counted.

Ids are the publishers' own; the words are ours, because the texts of ISO, PCI and the AICPA may not be copied. SOX has
no catalogue of controls: its ids are house names over sections 302 and 404.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dbsbm.compliance.nist import BASELINE


@dataclass(frozen=True, slots=True)
class Framework:
    """``unit`` finds in a requirement's id the part by which coverage is counted, which is one of ``units``.

    ``group`` finds in a part what many parts are counted by; ``beyond`` are requirements there are, but no units.
    """

    key: str
    title: str
    unit_name: str
    units: tuple[str, ...]
    valid: re.Pattern[str]
    unit: re.Pattern[str]
    note: str = ""
    group: re.Pattern[str] | None = None
    beyond: frozenset[str] = frozenset()

    def unit_of(self, requirement: str) -> str:
        """Raises ValueError for an id that is not of this framework."""
        found = self.unit.match(requirement)
        if found is None or not self.valid.fullmatch(requirement) or found[0] not in {*self.units, *self.beyond}:
            raise ValueError(f"{self.key} has no {requirement}")
        return found[0]


def _numbered(prefix: str, *most: tuple[str, int]) -> tuple[str, ...]:
    return tuple(f"{prefix}{head}{number}" for head, last in most for number in range(1, last + 1))


_GDPR = (*range(5, 23), *range(24, 40), *range(44, 50))
_HIPAA = (
    *(f"164.308(a)({number})" for number in range(1, 9)),
    *("164.308(b)", "164.310(a)", "164.310(b)", "164.310(c)", "164.310(d)", "164.312(a)", "164.312(b)", "164.312(c)"),
    *("164.312(d)", "164.312(e)", "164.314(a)", "164.314(b)", "164.316(a)", "164.316(b)"),
)
_PCI = (5, 3, 7, 2, 4, 5, 3, 6, 5, 7, 6, 10)
_CCPA = (100, 105, 106, 110, 115, 120, 121, 125, 130, 135, 150)
_SOC2 = (
    *(("CC1.", 5), ("CC2.", 3), ("CC3.", 4), ("CC4.", 2), ("CC5.", 3), ("CC6.", 8), ("CC7.", 5), ("CC8.", 1)),
    *(("CC9.", 2), ("A1.", 3), ("C1.", 2), ("PI1.", 5), ("P1.", 1), ("P2.", 1), ("P3.", 2), ("P4.", 3), ("P5.", 2)),
    *(("P6.", 7), ("P7.", 1), ("P8.", 1)),
)

FRAMEWORKS: dict[str, Framework] = {
    each.key: each
    for each in (
        Framework(
            "gdpr",
            "GDPR, Regulation (EU) 2016/679",
            "articles 5-39 and 44-49",
            tuple(str(number) for number in _GDPR),
            re.compile(r"\d{1,2}(\(\d{1,2}\))?(\([a-z]\))?"),
            re.compile(r"\d+"),
        ),
        Framework(
            "ccpa",
            "CCPA as amended, Cal. Civ. Code 1798.100 ff.",
            "sections",
            tuple(f"1798.{number}" for number in _CCPA),
            re.compile(r"1798\.\d{3}(\([a-z]\))?(\(\d\))?"),
            re.compile(r"1798\.\d{3}"),
        ),
        Framework(
            "soc2",
            "SOC 2, Trust Services Criteria 2017 (2022 points of focus)",
            "criteria",
            _numbered("", *_SOC2),
            re.compile(r"(CC|A|C|PI|P)\d\.\d"),
            re.compile(r"[A-Z]+\d\.\d"),
        ),
        Framework(
            "pci",
            "PCI DSS 4.0.1",
            "requirement groups (x.y)",
            tuple(f"{group}.{number}" for group, last in enumerate(_PCI, 1) for number in range(1, last + 1)),
            re.compile(r"\d{1,2}\.\d{1,2}(\.\d{1,2}){0,2}"),
            re.compile(r"\d{1,2}\.\d{1,2}"),
            "The product takes no payment cards: whether it is in scope at all is the control scope-pci.",
        ),
        Framework(
            "hipaa",
            "HIPAA Security Rule, 45 CFR 164 subpart C",
            "standards",
            _HIPAA,
            re.compile(r"164\.3\d\d\([a-z]\)(\(\d\))?(\([ivx]+\))?(\([A-D]\))?"),
            re.compile(r"164\.308\(a\)\(\d\)|164\.3\d\d\([a-z]\)"),
            "The product holds no health information: whether it is in scope at all is the control scope-hipaa.",
        ),
        Framework(
            "sox",
            "SOX 302/404, IT general controls",
            "house names",
            ("ITGC-APD", "ITGC-PC", "ITGC-PD", "ITGC-CO", "ITAC"),
            re.compile(r"IT[A-Z]+(-[A-Z]+)?"),
            re.compile(r"IT[A-Z]+(-[A-Z]+)?"),
            "SOX has no catalogue of controls. The names are ours: access to programs and data (APD), program changes "
            "(PC), program development (PD), computer operations (CO), application controls (ITAC).",
        ),
        Framework(
            "iso",
            "ISO/IEC 27001:2022, Annex A",
            "controls",
            _numbered("A.", ("5.", 37), ("6.", 8), ("7.", 14), ("8.", 34)),
            re.compile(r"A\.[5-8]\.\d{1,2}"),
            re.compile(r"A\.[5-8]\.\d{1,2}"),
        ),
        Framework(
            "nist",
            "NIST SP 800-53 rev. 5",
            "controls of the high and privacy baselines",
            BASELINE,
            re.compile(r"[A-Z]{2}-\d{1,2}(\(\d{1,2}\))?"),
            re.compile(r"[A-Z]{2}-\d{1,2}(\(\d{1,2}\))?"),
            "NIST SP 800-53: counted are the controls and enhancements of the high and privacy baselines (SP 800-53B), "
            "by family. IA-5(7), which one control is mapped to, is in neither and counted nowhere.",
            group=re.compile(r"[A-Z]{2}"),
            beyond=frozenset({"IA-5(7)"}),
        ),
    )
}
"""By the key that mappings use."""
