"""Whether a text holds what looks like a payment card's number (ISO/IEC 7812: issuer's beginning, Luhn's digit)."""

from __future__ import annotations

import re

_DIGITS = re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)")
_ISSUERS = re.compile(r"4|5[1-5]|2[2-7]|3[47]|6(?:011|5|4[4-9])|35|36|38")


def holds_card_number(text: str) -> bool:
    return any(_is_card(re.sub(r"\D", "", found)) for found in _DIGITS.findall(text))


def _is_card(digits: str) -> bool:
    return bool(_ISSUERS.match(digits)) and _luhn(digits)


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(map(int, reversed(digits))):
        doubled = digit * 2 if place % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0
