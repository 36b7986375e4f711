"""Signed database passwords: what botocore signs, and never over plain text."""

from __future__ import annotations

import calendar
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import botocore.session
import pytest

from dbsbm.core.aws import Credentials
from dbsbm.core.errors import SettingsError
from dbsbm.database.connection import connect_from_url
from dbsbm.database.iam import auth_token

HOST = "dbsbm.abc123.eu-west-1.rds.amazonaws.com"


@pytest.mark.parametrize("session_token", ["", "a/session+token=="])
def test_token_is_the_one_botocore_signs(session_token: str) -> None:
    session = botocore.session.Session()
    session.set_credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", session_token or None)
    client: Any = session.create_client("rds", region_name="eu-west-1")
    theirs = client.generate_db_auth_token(HOST, 3306, "dbsbm_app")
    signed_at = parse_qs(urlsplit(f"https://{theirs}").query)["X-Amz-Date"][0]
    ours = auth_token(
        HOST,
        3306,
        "dbsbm_app",
        region="eu-west-1",
        credentials=Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", session_token),
        now=calendar.timegm(time.strptime(signed_at, "%Y%m%dT%H%M%SZ")),
    )
    read_ours, read_theirs = urlsplit(f"https://{ours}"), urlsplit(f"https://{theirs}")
    assert read_ours.netloc == read_theirs.netloc
    assert parse_qs(read_ours.query) == parse_qs(read_theirs.query)


def test_token_is_never_sent_over_plain_text() -> None:
    with pytest.raises(SettingsError, match="TLS"):
        connect_from_url("mysql://dbsbm_app@127.0.0.1:3306/dbsbm?auth=iam", {})
