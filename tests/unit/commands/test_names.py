"""Names of slips: what Discord takes, and nobody takes for the staff."""

from __future__ import annotations

import pytest

from dbsbm.commands.names import NAME_MAX, slip_name
from dbsbm.commands.words.catalogue import Words
from dbsbm.core.errors import InputError


@pytest.mark.parametrize(
    "name",
    [
        "Ann the Sharp",
        "  Ann   the Sharp ",
        "Modest Mouse",
        "3-Point Kings",
        "Jägermeister",
        "Αλέξης",
        "👨‍👩‍👧 Family",
        "x" * NAME_MAX,
    ],
)
def test_names_of_people_are_taken_as_they_are(name: str) -> None:
    assert slip_name(name, Words()) == " ".join(name.split())


@pytest.mark.parametrize(
    "name",
    [
        *("Admin", "the moderator", "Mod", "A D M I N", "a.d.m.i.n", "Admin-Bob", "ADM1N", "m0d", "Аdmin", "ádmin"),
        *("ａｄｍｉｎ", "ad\u200bmin", "sup port", "Owner", "$taff", "DBSBM"),
    ],
)
def test_names_for_staff_are_refused_however_they_are_spelt(name: str) -> None:
    with pytest.raises(InputError, match="name"):
        slip_name(name, Words())


@pytest.mark.parametrize(
    "name", ["Clyde", "my disc0rd", "dis\u200bcord", "DISCORD", "", "\u200b\u2060", "x" * (NAME_MAX + 1)]
)
def test_names_that_discord_refuses_are_refused(name: str) -> None:
    with pytest.raises(InputError):
        slip_name(name, Words())
