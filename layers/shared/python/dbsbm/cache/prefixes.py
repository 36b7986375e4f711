"""What is kept in the cache, by prefix: every one that any reader names."""

from __future__ import annotations

from dbsbm.cache.cache import Cache

GAMES = "games"
"""The board of upcoming games."""
REFUSED = "refused"
"""Whose missing right was noted within the hour."""
EVERY = (GAMES, REFUSED)


def forget_all(cache: Cache) -> bool:
    """Forget what was made of tables that have changed since; False when the shared cache did not answer."""
    for prefix in EVERY:
        cache.clear_prefix(prefix)
    return cache.alive() is not False
