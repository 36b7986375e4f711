"""Colours, chosen for Discord's dark theme (chat #313338, containers #2b2d31); contrast of text ≥ 4.5 : 1."""

from __future__ import annotations

CARD = "#16171a"
RAISED = "#1f2125"
EDGE = "#2e3035"
TEXT = "#f2f3f5"
MUTED = "#a5a8b0"
FAINT = "#7d818b"

OPEN = "#6d8bff"
WON = "#3ecf7a"
LOST = "#ff5c66"
PUSH = "#b9bdc7"
DRAFT = "#f0b232"

GRADE = {
    "": OPEN,
    "won": WON,
    "half_won": WON,
    "lost": LOST,
    "half_lost": LOST,
    "push": PUSH,
    "void": PUSH,
    "withdrawn": PUSH,
}
