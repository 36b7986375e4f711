"""Which of a target's rows goes out next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dbsbm.delivery.plan import plan
from dbsbm.outbox.model import OutboxRow, RowState

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def row(seq: int, kind: str, **changes: Any) -> OutboxRow:
    fields: dict[str, Any] = {
        "id": f"c:{seq}",
        "guild_id": 1,
        "kind": kind,
        "target_key": "bet:1",
        "seq": seq,
        "target": {"how": "edit_original"} if kind == "reply.edit" else {},
        "data": {"n": seq},
        "images": (),
        "state": RowState.PENDING,
        "attempts": 0,
        "next_attempt_at": NOW,
        "expires_at": None,
        "created_at": NOW,
        "sending_at": None,
    }
    return OutboxRow(**{**fields, **changes})


KINDS = ["slip.post", "message.post", "message.edit", "reply.edit"]
rows = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.sampled_from([RowState.PENDING, RowState.SENDING]),
        st.sampled_from([None, -1, 1]),
    ),
    max_size=6,
).map(
    lambda drawn: [
        row(seq, kind, state=state, expires_at=None if expires is None else NOW + timedelta(minutes=expires))
        for seq, (kind, state, expires) in enumerate(drawn, start=1)
    ]
)


@given(rows, st.booleans())
def test_every_row_is_sent_ended_or_waits_behind_one_in_doubt(given_rows: list[OutboxRow], has_message: bool) -> None:
    chosen = plan(given_rows, has_message=has_message, now=NOW)
    ended = [ending.row_id for ending in chosen.endings]
    assert len(ended) == len(set(ended))
    left = {one.id for one in given_rows} - set(ended) - ({chosen.send.id} if chosen.send else set())
    if left:
        assert chosen.send is not None
        assert chosen.send.in_doubt


@given(rows, st.booleans())
def test_newest_content_that_has_not_expired_wins(given_rows: list[OutboxRow], has_message: bool) -> None:
    alive = [one for one in given_rows if one.expires_at is None or one.expires_at > NOW]
    chosen = plan(given_rows, has_message=has_message, now=NOW)
    if chosen.send is not None and not chosen.send.in_doubt:
        assert chosen.send.data == alive[-1].data


@given(rows, st.booleans())
def test_what_is_in_doubt_is_never_overtaken(given_rows: list[OutboxRow], has_message: bool) -> None:
    chosen = plan(given_rows, has_message=has_message, now=NOW)
    doubtful = {one.id for one in given_rows if one.in_doubt}
    assert not doubtful & {ending.row_id for ending in chosen.endings if ending.state == RowState.OVERTAKEN}


def test_post_takes_the_content_of_the_edit_but_keeps_its_pings() -> None:
    post = row(1, "slip.post", data={"n": 1, "pings": {"roles": [4]}})
    chosen = plan([post, row(2, "message.edit", data={"n": 2, "pings": {"roles": [5]}})], has_message=False, now=NOW)
    assert chosen.send is not None
    assert chosen.send.id == "c:1"
    assert chosen.send.data == {"n": 2, "pings": {"roles": [4]}}


def test_edit_of_a_reposted_slip_belongs_to_the_new_post() -> None:
    chosen = plan([row(5, "slip.post"), row(6, "message.edit")], has_message=True, now=NOW)
    assert chosen.send is not None
    assert (chosen.send.id, chosen.send.data) == ("c:5", {"n": 6})


def test_wait_of_an_overtaken_row_still_holds() -> None:
    until = NOW + timedelta(seconds=30)
    chosen = plan([row(1, "message.edit", next_attempt_at=until), row(2, "message.edit")], has_message=True, now=NOW)
    assert chosen.send is None
    assert chosen.due == until
    assert chosen.endings == ()


def test_nothing_open_is_nothing_to_do() -> None:
    assert plan([], has_message=False, now=NOW).send is None
