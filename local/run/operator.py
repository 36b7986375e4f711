"""Whose cloud an operator's command is about: that of ``--stage`` with AWS's own variables, else what runs here."""

from __future__ import annotations

import getpass
import os
from dataclasses import dataclass

from dbsbm.core.aws import Account, Credentials, LambdaInvoke
from dbsbm.core.bucket import Aws
from dbsbm.core.transport import PooledTransport
from local.cloud.execution import ACCESS_KEY, REGION, SECRET_KEY, SESSION_TOKEN, Names
from local.run.state import running


@dataclass(frozen=True, slots=True)
class Place:
    """``secret`` is how secrets are named there, ``{}`` standing for the catalog's name."""

    account: Account
    prefix: str
    secret: str

    @property
    def invoke(self) -> LambdaInvoke:
        return LambdaInvoke(self.account, self.prefix)

    @property
    def aws(self) -> Aws:
        return Aws(PooledTransport(), self.account)


def place(stage: str | None) -> Place:
    """Where to act.

    Raises
    ------
    ServerError
        When nothing runs here and no stage is named.
    SettingsError
        When a stage is named and there are no AWS credentials.
    """
    if stage:
        return Place(Account.from_environ(os.environ), f"dbsbm-{stage}-", f"dbsbm/{stage}/{{}}")
    endpoint = {"": running().settings["AWS_ENDPOINT_URL"]}
    names = Names()
    account = Account(REGION, Credentials(ACCESS_KEY, SECRET_KEY, SESSION_TOKEN), endpoint)
    return Place(account, names.prefix, f"{names.prefix}{{}}")


def name() -> str:
    """Who acts, as this machine knows them."""
    return os.environ.get("DBSBM_OPERATOR") or getpass.getuser()
