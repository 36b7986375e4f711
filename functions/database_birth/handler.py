"""Invoked by a deployment: makes the schema and the accounts, as the master. May be done again at any time."""

from __future__ import annotations

import logging
from typing import Any

from dbsbm.accounts.service import account_in, account_of, as_master, give_birth
from dbsbm.core.invocation import watched
from dbsbm.environment import current

logger = logging.getLogger(__name__)


@watched
def handler(_event: object, _context: Any) -> dict[str, Any]:
    """The accounts that there are now."""
    environment = current()
    settings = environment.settings
    urls = (settings.database_app_url, settings.database_migration_url, settings.database_check_url,
            settings.database_reader_url)  # fmt: skip
    accounts = [account_of(url.get_secret_value()) for url in urls]
    if settings.database_proxy_secret:
        accounts.append(account_in(environment.secret.anew("database_proxy")))
    made = give_birth(
        environment.connect,
        environment.clock,
        as_master(settings.database_migration_url.get_secret_value(), environment.secret.anew("database_master")),
        accounts,
    )
    logger.info("accounts", extra={"accounts": made})
    return {"v": 1, "accounts": list(made)}
