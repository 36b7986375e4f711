"""What errors of Discord mean for a row."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbsbm.core.errors import DiscordError, DiscordUnavailableError
from dbsbm.delivery.verdict import GIVE_UP_AFTER, verdict
from dbsbm.discord.rest import DiscordInDoubtError
from dbsbm.outbox.model import RowState
from tests.unit.test_delivery_plan import NOW, row


def judged(error: DiscordError, kind: str = "message.post", **changes: Any) -> Any:
    return verdict(error, row(1, kind, **changes), NOW, Random(1))


@given(st.integers(0, 40), st.integers())
def test_back_off_stays_between_one_second_and_fifteen_minutes(attempts: int, seed: int) -> None:
    found = verdict(DiscordInDoubtError("", status=500), row(1, "slip.post", attempts=attempts), NOW, Random(seed))
    assert found.state == RowState.SENDING
    assert found.at is not None
    assert timedelta(seconds=1) <= found.at - NOW <= timedelta(minutes=15)


def test_back_off_grows() -> None:
    def longest(attempts: int) -> timedelta:
        waits = []
        for seed in range(200):
            found = verdict(
                DiscordInDoubtError("", status=500), row(1, "slip.post", attempts=attempts), NOW, Random(seed)
            )
            assert found.at is not None
            waits.append(found.at - NOW)
        return max(waits)

    assert longest(0) < longest(3) < longest(6)


def test_rate_limit_had_no_effect() -> None:
    found = judged(DiscordUnavailableError("", status=429, retry_after_s=7))
    assert found.state == RowState.PENDING
    assert found.at == NOW + timedelta(seconds=7)


def test_in_doubt_post_given_up_is_unknown_and_an_edit_dead() -> None:
    long_ago = NOW - GIVE_UP_AFTER
    error = DiscordInDoubtError("", status=500)
    assert judged(error, created_at=long_ago).state == RowState.UNKNOWN
    assert judged(error, "message.edit", created_at=long_ago).state == RowState.DEAD


@pytest.mark.parametrize("code", [10008, 10015, 10062])
def test_interactions_message_that_is_not_there_yet_is_waited_for_until_its_token_ends(code: int) -> None:
    error = DiscordError("", status=404, discord_code=code)
    found = judged(error, "reply.edit", expires_at=NOW + timedelta(minutes=1))
    assert found.state == RowState.PENDING
    assert found.at == NOW + timedelta(seconds=1)
    assert judged(error, "reply.edit", expires_at=NOW + timedelta(seconds=1)).state == RowState.EXPIRED


def test_an_answer_whose_token_ended_by_discords_clock_needs_nobody() -> None:
    error = DiscordError("Invalid Webhook Token", status=401, discord_code=50027)
    found = judged(error, "reply.edit", expires_at=NOW + timedelta(seconds=1))
    assert (found.state, found.at) == (RowState.EXPIRED, None)
    assert "50027" in found.reason
    assert judged(error, "message.edit").state != RowState.EXPIRED


@pytest.mark.parametrize("code", [10003, 10004, 50001, 50013])
def test_channel_out_of_reach_is_dead_and_named(code: int) -> None:
    found = judged(DiscordError("", status=403, discord_code=code))
    assert (found.state, found.unreachable_code) == (RowState.DEAD, code)


@pytest.mark.parametrize("code", [10008, 10015, 50007, 50035])
def test_other_refusals_are_dead_without_blaming_the_channel(code: int) -> None:
    found = judged(DiscordError("no", status=400, discord_code=code))
    assert (found.state, found.unreachable_code, found.at) == (RowState.DEAD, None, None)
    assert "no" in found.reason


def test_edits_of_old_messages_wait_their_turn() -> None:
    found = judged(DiscordError("", status=400, discord_code=30046), "message.edit")
    assert found.state == RowState.PENDING
    assert timedelta(seconds=30) <= found.at - NOW <= timedelta(seconds=60)


def test_wrong_bot_token_is_not_hammered_and_a_wrong_interaction_token_is_dead() -> None:
    error = DiscordError("", status=401)
    assert judged(error).at == NOW + timedelta(minutes=5)
    assert judged(error, "reply.edit").state == RowState.DEAD
