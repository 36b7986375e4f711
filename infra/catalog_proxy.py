"""What a stage's catalog has more of with ``-c proxy=true``: an account whose password the proxy and its maker read."""

from __future__ import annotations

from dataclasses import replace

from infra.catalog import Catalog, Ref
from infra.catalog_life import access
from infra.shapes import reading

SECRET = "database-proxy"  # noqa: S105 — its name
ROLE = "database_proxy"
"""The role that the proxy reads it with, named as functions' are."""
MAKER, TOLD = "database_birth", "secret_access"


def with_proxy(catalog: Catalog) -> Catalog:
    """The same functions; one also gives the proxy's account its password, one also knows who reads that."""
    maker = catalog.function(MAKER)
    maker = replace(
        maker,
        environment={**maker.environment, "DATABASE_PROXY_SECRET": Ref("secret", SECRET)},
        permits=(*maker.permits, *reading(SECRET)),
    )
    others = [maker if each.name == MAKER else each for each in catalog.functions if each.name != TOLD]
    return replace(catalog, functions=(*others, access(others, {SECRET: (ROLE,)})))
