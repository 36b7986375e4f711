"""Every column of a migrated schema is classified, and the impact assessment says when it is out of date."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

from dbsbm.database.connection import connect_from_url
from dbsbm.privacy.erasure.repository import ERASING
from dbsbm.privacy.held.repository import HELD, NOT_COPIED
from dbsbm.privacy.inventory import COLUMNS, TABLES
from dbsbm.privacy.inventory.model import Basis, Class, Erase, columns_of, fingerprint
from local.impact_assessment import SIGN_OFF, SignOff, standing
from local.servers import ROOT


def _columns(url: str) -> set[str]:
    connection = connect_from_url(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT CONCAT(table_name, '.', column_name) AS name FROM information_schema.columns "
                "WHERE table_schema = DATABASE()"
            )
            return {str(row["name"]) for row in cursor.fetchall()}
    finally:
        connection.close()


def test_every_column_is_classified_once(database_url: str) -> None:
    said = Counter(f"{column.table}.{column.name}" for column in COLUMNS)
    there = _columns(database_url)
    assert sorted(there - set(said)) == [], "columns without a class: say in dbsbm/privacy/inventory what they hold"
    assert sorted(set(said) - there) == [], "classified, but not in the schema"
    assert sorted(name for name, times in said.items() if times > 1) == []


def test_what_is_personal_has_a_basis_and_a_way_out() -> None:
    for table in TABLES:
        personal = [column for column in columns_of(table) if column.classed not in {Class.NONE, Class.SECRET}]
        assert bool(personal) == (table.basis is not Basis.NONE), table.name
        people = table.identifiers.replace("subject", "").split()
        assert not people or table.erase is not Erase.KEEP, table.name


def test_every_number_of_a_person_has_its_erasure_and_every_table_its_copy() -> None:
    elsewhere = {"interactions", "outbox", "outbox_targets", "privacy_requests", "erasures"}
    elsewhere |= {"audit_secrets", "data_keys"}  # of a person, in no community
    named = {
        f"{table.name}.{name}" for table in TABLES if table.name not in elsewhere for name in table.identifiers.split()
    }
    assert named - set(ERASING) == set()
    personal = {table.name for table in TABLES if table.identifiers or table.behavioural or table.content}
    assert personal == set(HELD) | set(NOT_COPIED)


def test_a_changed_inventory_makes_the_sign_off_stale() -> None:
    signed = SignOff("the owner", "2026-11-22", fingerprint(COLUMNS))
    assert standing(signed, COLUMNS) == "signed"
    changed = (replace(COLUMNS[0], kept="for ever"), *COLUMNS[1:])
    assert standing(signed, changed) == "stale"
    assert standing(SignOff("", "", ""), COLUMNS) == "unsigned"


def test_what_was_signed_is_the_inventory_of_today() -> None:
    signed = SignOff(**json.loads((ROOT / SIGN_OFF).read_text(encoding="utf-8")))
    assert standing(signed, COLUMNS) != "stale", "somebody has to read docs/privacy.md and sign it anew"
