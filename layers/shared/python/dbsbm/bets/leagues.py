"""A schedule's league as the betting rules' catalogue calls it."""

from __future__ import annotations

from dbsbm.games.leagues import catalogue_id

__all__ = ["catalogue_id"]
