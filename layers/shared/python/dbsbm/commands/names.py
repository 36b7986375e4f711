"""The name that a capper's slips carry: what Discord takes for a webhook, and nobody takes for the staff."""

from __future__ import annotations

import re
import unicodedata

from dbsbm.commands.words.catalogue import Words
from dbsbm.core.errors import InputError

NAME_MAX = 80
"""A webhook message's user name ("Execute Webhook")."""
_EXAMPLE = "Ann the Sharp"
_FORBIDDEN = ("discord", "clyde")
_STAFF = frozenset(
    {
        *("admin", "admins", "administrator", "mod", "mods", "moderator", "moderators", "owner", "staff", "support"),
        *("system", "dbsbm"),
    }
)
"""Names that members take for those who run the server."""
_LOOKALIKES = str.maketrans("0134578@$!|аеоӏірсухмткнαειοκνρτυıł", "oieastbasiiaeolipcyxmtkhaeiokvptuil")
"""Digits, signs, Cyrillic and Greek letters that pass for Latin ones."""
_REPEATED = re.compile(r"(.)\1{2,}")


def slip_name(typed: str, words: Words) -> str:
    """A name for slips, its blanks made one.

    Raises
    ------
    InputError
        When it is empty, longer than 80 characters, holds a word that Discord forbids, or is one of the staff's.
    """
    name = " ".join(typed.split())
    if not any(map(_is_seen, name)):
        name = ""
    if not 1 <= len(name) <= NAME_MAX:
        raise InputError("name", typed, words.plain("name.length", length=len(name), most=NAME_MAX), _EXAMPLE)
    for reading in (name.lower(), _read(name)):
        for word in _FORBIDDEN:
            if word in reading:
                raise InputError("name", typed, words.plain("name.forbidden", word=word), _EXAMPLE)
    if _is_staffs(name):
        raise InputError("name", typed, words.plain("profile.staff"), _EXAMPLE)
    return name


def _is_seen(character: str) -> bool:
    return unicodedata.category(character) not in {"Cc", "Cf", "Cn", "Co", "Cs"} and not character.isspace()


def _is_kept(character: str) -> bool:
    return character == " " or _is_seen(character)


def _read(name: str) -> str:
    """The name as it looks: compatibility forms, accents and look-alikes made plain small letters."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    bare = "".join(character for character in plain if not unicodedata.combining(character) and _is_kept(character))
    return _REPEATED.sub(r"\1", bare.translate(_LOOKALIKES))


def _is_staffs(name: str) -> bool:
    """Whether a word of the name, or the name without its blanks, is a word for staff."""
    for reading in (name.lower(), _read(name)):
        letters = "".join(character if character.isalpha() else " " for character in reading)
        kept = "".join(character for character in reading if character.isalpha() or character == " ")
        if any(word in _STAFF for word in (*letters.split(), *kept.split())) or kept.replace(" ", "") in _STAFF:
            return True
    return False
