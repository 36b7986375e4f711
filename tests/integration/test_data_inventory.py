"""Every column of a migrated schema is classified, and the impact assessment says when it is out of date."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import timedelta

from dbsbm.commands.recaps import KEPT as POSTS_KEPT
from dbsbm.database.connection import connect_from_url
from dbsbm.keys.rotation import KEPT_FOR_BACKUPS
from dbsbm.privacy.erasure.repository import ERASING
from dbsbm.privacy.held.repository import HELD, NOT_COPIED
from dbsbm.privacy.inventory import COLUMNS, TABLES
from dbsbm.privacy.inventory.model import LIFE, Basis, Class, Erase, columns_of, fingerprint
from dbsbm.privacy.removal.repository import REMOVING
from dbsbm.privacy.removal.service import KEPT_FOR
from dbsbm.retention.policies import POLICIES
from dbsbm.retention.policies import Table as Retained
from local.impact_assessment import SIGN_OFF, SignOff, standing
from local.servers import ROOT

KEYED = {"subject", "pseudonym"}
"""Of a person by a key alone, which says nothing any more once the person is erased."""
NOT_SOMEBODY = ("outbox_targets.locked_by", "privacy_requests.answer_by", "privacy_requests.confirm_by",
                "webhook_endpoints.locked_by")  # fmt: skip
"""Runs of functions, and days by which."""
KEPT = {table.name: table.kept for table in TABLES}
REMOVED_BESIDE = ("guilds", "outbox_targets")
"""Emptied with a community as well, by a statement of their own."""


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
        people = set(table.identifiers.split()) - KEYED
        assert not people or table.erase is not Erase.KEEP, table.name
        assert not table.content or table.erase is not Erase.KEEP, table.name


def test_who_did_something_is_of_a_person() -> None:
    who = [each for each in COLUMNS if each.name.endswith("_by") or each.name in {"operator", "actor", "pseudonym"}]
    nobodys = {f"{each.table}.{each.name}" for each in who if each.classed is Class.NONE}
    assert nobodys == set(NOT_SOMEBODY)


def spoken(time: timedelta) -> str:
    return f"{time.days} days" if time.days > 1 else f"{time // timedelta(hours=1)} hours"


def test_how_long_something_is_kept_is_when_it_goes() -> None:
    goes: dict[str, set[str]] = defaultdict(set)
    for policy in POLICIES:
        if policy.table is not Retained.TOKENS:  # a column, emptied as soon as Discord has forgotten it
            goes[policy.table.value].add(spoken(policy.after))
    for name in (*REMOVING, *REMOVED_BESIDE):
        if LIFE in KEPT[name]:
            goes[name].add(spoken(KEPT_FOR))
    goes["data_keys"].add(spoken(KEPT_FOR_BACKUPS))
    goes["community_posts"].add(spoken(POSTS_KEPT))
    said = {name: set(re.findall(r"\d+ (?:days|hours)", kept)) for name, kept in KEPT.items()}
    assert {name: times for name, times in said.items() if times} == goes
    assert [name for name, kept in KEPT.items() if re.search(r"\b(an?|one|two) (hour|day|week|month|year)", kept)] == []


def test_a_community_that_is_gone_leaves_what_is_kept_for_good() -> None:
    emptied = {*REMOVING, *REMOVED_BESIDE}
    assert {name for name, kept in KEPT.items() if LIFE in kept} <= emptied
    assert {name for name in emptied if KEPT[name].startswith("for good")} == set()


def test_every_number_of_a_person_has_its_erasure_and_every_table_its_copy() -> None:
    elsewhere = {"interactions", "outbox", "outbox_targets", "privacy_requests", "erasures"}
    elsewhere |= {"audit_secrets", "data_keys", "reveals"}  # of a person, in no community
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
