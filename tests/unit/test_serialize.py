"""Mentions stay closed and flags are right, whatever the data says."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dbsbm.discord.serialize import EPHEMERAL, IS_COMPONENTS_V2, edit, message

data = st.fixed_dictionaries(
    {},
    optional={
        "content": st.text(max_size=5),
        "components": st.just([{"type": 10, "content": "@everyone"}]),
        "flags": st.sampled_from([0, 4, EPHEMERAL, IS_COMPONENTS_V2]),
        "allowed_mentions": st.just({"parse": ["everyone", "roles", "users"]}),
        "pings": st.fixed_dictionaries({}, optional={"roles": st.lists(st.integers(1)), "users": st.none()}),
    },
)


@given(data, st.booleans())
def test_nobody_is_notified_but_whom_the_post_names(given_data: dict[str, Any], private: bool) -> None:
    body = message(given_data, private=private)
    named = [str(role) for role in (given_data.get("pings") or {}).get("roles", [])]
    assert body["allowed_mentions"] == ({"parse": [], "roles": named} if named else {"parse": []})
    assert "pings" not in body


@given(data)
def test_private_is_said_only_where_it_can_be(given_data: dict[str, Any]) -> None:
    assert message(given_data, private=True)["flags"] & EPHEMERAL
    assert not edit(given_data).get("flags", 0) & EPHEMERAL


def test_components_alone_are_the_second_version() -> None:
    assert message({"components": []})["flags"] == IS_COMPONENTS_V2
    assert "flags" not in message({"content": "a", "components": []})
    assert "flags" not in message({"content": "a"})
