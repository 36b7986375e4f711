"""What an evening must leave behind: nothing lost, nothing twice, every sum right, every slip as its bet stands."""

from __future__ import annotations

from collections.abc import Collection

from tests.e2e.evening import settle, slips_of
from tests.e2e.invariants import answered_deferrals, left_open
from tests.e2e.world import World

_STAMPS = ("Won", "Lost", "Void", "Withdrawn")
_TAKEN_BACK = ("withdrawn", "undone")


def check(world: World, confirmed: int, tried: int, lost_webhooks: Collection[int] = ()) -> None:
    """``confirmed``: how often somebody read "Posted". What ``lost_webhooks`` posted stays as it was."""
    check_settled(world, lost_webhooks)
    check_bets(world, confirmed, tried)
    check_once(world)
    check_ledger(world)
    check_sums(world)
    check_slips(world, lost_webhooks)


def check_settled(world: World, lost_webhooks: Collection[int] = ()) -> None:
    settle(world)
    unstampable = _ids(world, "SELECT id AS n FROM outbox WHERE state = 'dead' AND last_error LIKE 'unstampable%%'")
    assert not unstampable or lost_webhooks
    rows = [row for row in left_open(world) if row[0] not in unstampable]
    assert rows == [], f"rows of the outbox: {rows}"
    assert answered_deferrals(world), "somebody was told to wait and has heard nothing"
    assert one(world, "SELECT COUNT(*) FROM interactions WHERE reply IS NULL") == 0, "an interaction without a reply"


def check_bets(world: World, confirmed: int, tried: int) -> None:
    """Who read "Posted" has a bet; a draft became one bet at most; a bet is one slip."""
    bets = one(world, "SELECT COUNT(*) FROM bets")
    assert confirmed <= bets <= tried
    assert one(world, "SELECT COUNT(DISTINCT bet_id) FROM drafts WHERE state = 'posted'") == bets
    assert one(world, "SELECT COUNT(*) FROM drafts WHERE state = 'posted'") == bets
    assert len(slips_of(world)) == bets
    assert one(world, "SELECT COUNT(*) FROM channel_webhooks WHERE state = 'live'") <= 1


def check_once(world: World) -> None:
    """Each message of ours is one target's, each target has one message; nobody follows a bet twice."""
    ours = world.simulator.application_id
    messages = sorted(
        message.id
        for channel in world.simulator.state.channels.values()
        for message in channel.messages.values()
        if message.private_to is None and (message.webhook_id or message.author["id"] == str(ours))
    )
    assert messages == sorted(_ids(world, "SELECT message_id AS n FROM outbox_targets WHERE message_id IS NOT NULL"))
    assert one(world, "SELECT COUNT(*) FROM disputes") == one(world, "SELECT COUNT(DISTINCT bet_id) FROM disputes")
    assert one(world, "SELECT COUNT(*) - COUNT(DISTINCT bet_id, user_id) FROM tails") == 0


def check_ledger(world: World) -> None:
    assert one(world, "SELECT SUM(profit_micro - return_micro + risk_micro) FROM ledger_entries") == 0
    standing = world.rows(
        "SELECT b.bet_id, b.grade, b.grade_seq, b.state, COALESCE(SUM(l.bets), 0) AS entries, "
        "(SELECT COUNT(*) FROM bet_grades g WHERE g.guild_id = b.guild_id AND g.bet_id = b.bet_id) AS decisions "
        "FROM bets b LEFT JOIN ledger_entries l ON l.guild_id = b.guild_id AND l.bet_id = b.bet_id "
        "GROUP BY b.guild_id, b.bet_id"
    )
    for row in standing:
        assert row["entries"] == (0 if row["grade"] is None or row["state"] in _TAKEN_BACK else 1), row
        assert row["decisions"] == row["grade_seq"], row


def check_sums(world: World) -> None:
    """The kept sums are those of the ledger, in which a void bet stands with its stake."""
    kept = world.rows(
        "SELECT SUM(bets + voided) AS bets, SUM(risk_micro) AS risk, SUM(profit_micro) AS profit "
        "FROM capper_totals WHERE span = 'all' AND league = '' AND market = ''"
    )
    entered = world.rows(
        "SELECT SUM(bets) AS bets, SUM(IF(grade = 'void', 0, risk_micro)) AS risk, SUM(profit_micro) AS profit "
        "FROM ledger_entries"
    )
    assert kept == entered


def check_slips(world: World, lost_webhooks: Collection[int] = ()) -> None:
    """Each slip shows the bet as it stands."""
    stored = {
        row["message_id"]: _standing(str(row["state"]), row["grade"])
        for row in world.rows(
            "SELECT t.message_id, b.state, b.grade FROM bets b "
            "JOIN outbox_targets t ON t.message_id IS NOT NULL JOIN outbox o ON o.target_key = t.target_key "
            "AND o.kind = 'slip.post' AND o.target_key = CONCAT('bet:', b.bet_id)"
        )
    }
    for slip in slips_of(world):
        message = slip.message
        assert message is not None
        if message.webhook_id not in lost_webhooks:
            assert stamp_of(slip.text) == stored[message.id], (stored[message.id], slip.text)


def _standing(state: str, grade: str | None) -> str:
    return "withdrawn" if state in _TAKEN_BACK else grade or "open"


def stamp_of(text: str) -> str:
    return next((word.lower() for word in _STAMPS if f"{word} " in text or f"**{word}" in text), "open")


def one(world: World, sql: str) -> int:
    return int(world.rows(f"SELECT ({sql}) AS n")[0]["n"] or 0)


def _ids(world: World, sql: str) -> list[int | str]:
    return [row["n"] for row in world.rows(sql)]
