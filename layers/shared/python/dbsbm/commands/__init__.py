"""One module per command, its definition beside its handler."""

from __future__ import annotations

from importlib import import_module

MODULES = (
    "setup",
    "capper",
    "routes",
    "notify",
    "bet",
    "again",
    "draft",
    "details",
    "grade",
    "propose",
    "grade_one",
    "finish",
    "stats",
    "schedule",
    "odds",
    "scores",
    "weather",
    "prop",
    "tickets",
    "manual",
    "future",
    "drafts",
    "panel",
    "leaderboard",
    "ungraded",
    "settings",
    "house_rules",
    "scheduled",
    "profile",
    "tail",
    "bet_lists",
    "export",
    "tier",
    "dispute",
    "cases",
    "regrade",
    "more",
    "share",
    "imports",
    "webhook",
    "verify",
    "privacy",
    "compliance",
    "compliance_steps",
    "workflow_list",
    "reveals",
    "report",
)


def load() -> None:
    """Import every command, so that the registry holds them all: for what is generated, and for tests."""
    for name in MODULES:
        import_module(f"{__name__}.{name}")
