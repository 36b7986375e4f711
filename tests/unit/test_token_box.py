"""Tokens at rest."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbsbm.core.errors import SettingsError
from dbsbm.security.tokens import TokenBox, TokenTamperedError

OLD = base64.b64encode(bytes(range(32))).decode()
NEW = base64.b64encode(bytes(range(32, 64))).decode()
BOX = TokenBox(lambda: OLD)


@given(st.text(), st.text())
def test_what_was_sealed_opens_in_its_own_context(plain: str, context: str) -> None:
    assert BOX.open(BOX.seal(plain, context), context) == plain
    assert BOX.open_text(BOX.seal_text(plain, context), context) == plain


@given(st.text(), st.text(), st.text())
def test_moved_elsewhere_it_does_not_open(plain: str, context: str, other: str) -> None:
    sealed = BOX.seal(plain, context)
    if other != context:
        with pytest.raises(TokenTamperedError):
            BOX.open(sealed, other)


@given(st.data())
def test_any_changed_byte_is_noticed(data: st.DataObject) -> None:
    sealed = bytearray(BOX.seal("token", "context"))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(TokenTamperedError):
        BOX.open(bytes(sealed), "context")


@given(st.binary(max_size=80))
def test_rubbish_does_not_open(rubbish: bytes) -> None:
    with pytest.raises(TokenTamperedError):
        BOX.open(rubbish, "context")


def test_truncated_or_not_base64_does_not_open() -> None:
    with pytest.raises(TokenTamperedError):
        BOX.open(BOX.seal("token", "context")[:-1], "context")
    with pytest.raises(TokenTamperedError):
        BOX.open_text("!", "context")


def test_same_token_never_looks_the_same_twice() -> None:
    assert BOX.seal("token", "context") != BOX.seal("token", "context")
    assert b"token" not in BOX.seal("token", "context")


def test_key_changes_without_a_gap() -> None:
    sealed = BOX.seal("token", "context")
    both = TokenBox(lambda: f"{NEW},{OLD}")
    assert both.open(sealed, "context") == "token"
    with pytest.raises(TokenTamperedError):
        BOX.open(both.seal("token", "context"), "context")
    with pytest.raises(TokenTamperedError):
        TokenBox(lambda: NEW).open(sealed, "context")


@pytest.mark.parametrize("keys", ["", " , ", "not base64!", base64.b64encode(b"short").decode()])
def test_wrong_key_is_a_setting_error(keys: str) -> None:
    with pytest.raises(SettingsError, match="TOKEN_KEY"):
        TokenBox(lambda: keys).seal("token", "context")
