"""Every column of every table: what it says of people, why it is there, how long, and what an erasure does to it."""

from __future__ import annotations

from dbsbm.privacy.inventory import bets, communities, exchange, games, guardianship, proof
from dbsbm.privacy.inventory.model import Column, Table, columns_of

TABLES: tuple[Table, ...] = (
    *exchange.TABLES,
    *communities.TABLES,
    *bets.TABLES,
    *proof.TABLES,
    *guardianship.TABLES,
    *games.TABLES,
)
COLUMNS: tuple[Column, ...] = tuple(column for table in TABLES for column in columns_of(table))
