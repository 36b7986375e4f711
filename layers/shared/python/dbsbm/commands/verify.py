"""``/verify`` and *Verify* in the details: a bet's entries in the audit log, with proofs that need no trust in us."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from dbsbm.audit import LOG_PATH
from dbsbm.audit.checkpoint import CheckpointError
from dbsbm.audit.events import Entry, Kind, bet
from dbsbm.audit.log.repository import LogRepository, Sealed
from dbsbm.audit.proof import Claim, document, fingerprint, proven, refuted
from dbsbm.audit.pseudonyms import seal
from dbsbm.audit.repository import AuditRepository
from dbsbm.audit.tree import TileError
from dbsbm.bets.model import Bet
from dbsbm.bets.sealing import sealed_terms
from dbsbm.commands import answers, wording
from dbsbm.commands.tracked import tracked
from dbsbm.commands.words.catalogue import Markdown, Words
from dbsbm.core.errors import InputError
from dbsbm.core.ids import decode, encode
from dbsbm.discord import components
from dbsbm.discord.definitions import Context, Image, Option, OptionType, Reply, Result, Who, command, component

FUNCTION = "command_stats"
SEALED_WITHIN_MINUTES = 10
"""The sequencer runs every five minutes; a run that fails is made good by the next."""
_SHOWN = 20
_FILE = "proof.json"
_TERMS = (Kind.BET_POSTED, Kind.BET_REVISED)
_SAYING = (*_TERMS, Kind.BET_DECIDED)
"""Entries that say what stands."""


@command(
    "verify",
    "A bet's entries in the audit log, with proofs that anybody can check",
    who=Who.MEMBER,
    mode="deferred",
    function=FUNCTION,
    options=(
        Option("bet", "Its number, as Details shows it", required=True, max_length=20),
        Option("since", "Size of the log in an earlier file of yours", OptionType.INTEGER, min_value=1),
    ),
)
def verify(ctx: Context) -> Result:
    typed = str(ctx.interaction.options["bet"]).strip().lower()
    try:
        bet_id = decode(typed)
    except ValueError as error:
        raise InputError("bet", typed, "is not a bet's number", "0d5cr7w3n8k2e") from error
    return _shown(ctx, bet_id, int(ctx.interaction.options.get("since") or 0))


@component("bet.verify", args=(int,), who=Who.MEMBER, mode="deferred", function=FUNCTION, answers="message")
def verify_button(ctx: Context, bet_id: int) -> Result:
    return _shown(ctx, bet_id, 0)


def _shown(ctx: Context, bet_id: int, since: int) -> Result:
    seen = tracked(ctx, bet_id)
    now = seen.bets.noted(seen.bet)
    audit, log = AuditRepository(ctx.session, seen.guild.guild_id), LogRepository(ctx.session)
    subject = bet(bet_id, seen.bet.capper_id)
    opening, entries = audit.opening(subject), audit.of_subject(subject)
    if opening is None or not entries:
        return Result(answers.said(seen.words("verify.none")))
    sealed = log.newest_checkpoint()
    lines = [seen.words("verify.title", ref=encode(bet_id))]
    lines += _listed(entries, sealed, seen.words)
    if sealed is None or not proven(entries, sealed):
        return Result(answers.said("\n".join(lines)))
    claim = Claim(subject.name, opening, sealed_terms(bet_id, now.terms))
    try:
        file = document(log, claim, entries, sealed, since)
        wrong = refuted(file, sealed)
    except (TileError, CheckpointError):
        return Result(answers.said("\n".join([*lines, seen.words("verify.log_broken")])))
    if wrong is None:
        lines += _compared(seen.words, now, entries, claim, sealed)
        signed_at = wording.moment(sealed.kept_at)
        lines.append(seen.words("verify.sealed", size=sealed.size, when=signed_at, signer=fingerprint(sealed)))
        if ctx.settings.public_url:
            lines.append(seen.words("verify.compare", url=Markdown(f"{ctx.settings.public_url}{LOG_PATH}")))
    else:
        lines.append(seen.words("verify.not_in_log", index=wrong))
    text = json.dumps(file, ensure_ascii=False, indent=1) + "\n"
    reply = answers.private(components.text("\n".join(lines)), {"type": 13, "file": {"url": f"attachment://{_FILE}"}})
    image = Image(_FILE, seen.words("verify.file"), "text", {"text": text})
    return Result(Reply(reply.kind, reply.data, (image,)))


def _listed(entries: Sequence[Entry], sealed: Sealed | None, words: Words) -> list[Markdown]:
    done = {entry.event_id for entry in proven(entries, sealed)}
    lines = []
    for entry in entries[-_SHOWN:]:
        what, when = words.plain(f"verify.kind.{entry.kind}"), wording.moment(entry.at)
        if entry.event_id in done:
            lines.append(words("verify.entry", when=when, what=what, index=entry.leaf_index or 0))
        else:
            lines.append(words("verify.waiting", when=when, what=what, minutes=SEALED_WITHIN_MINUTES))
    return lines


def _compared(words: Words, now: Bet, entries: Sequence[Entry], claim: Claim, sealed: Sealed) -> list[Markdown]:
    """Whether the terms and the grade that stand now are those of the signed log."""
    signed = proven(entries, sealed)
    if any(entry.kind in _SAYING and entry not in signed for entry in entries):
        return [words("verify.not_yet", minutes=SEALED_WITHIN_MINUTES)]
    terms, grade = _terms_agree(now, signed, claim), _grade_agrees(now, signed)
    if terms and grade:
        return [words("verify.same")]
    lines = []
    if terms is None:
        lines.append(words("verify.not_compared"))
    elif not terms:
        lines.append(words("verify.differs"))
    if grade is None:
        lines.append(words("verify.grade_not_compared"))
    elif not grade:
        lines.append(words("verify.grade_differs"))
    return lines


def _terms_agree(now: Bet, entries: Sequence[Entry], claim: Claim) -> bool | None:
    """None when no entry says what the terms are."""
    stated = [entry for entry in entries if entry.kind in _TERMS]
    if not stated:
        return None
    last = stated[-1]
    return _said(last)["revision"] == now.terms.number and last.seal == seal(claim.opening, claim.content)


def _grade_agrees(now: Bet, entries: Sequence[Entry]) -> bool | None:
    """The last decision, and what all of them brought the ledger; None when there were others, outside the log."""
    decisions = [_said(entry) for entry in entries if entry.kind == Kind.BET_DECIDED]
    last = decisions[-1] if decisions else {"decision": 0, "grade": None}
    stands = {"decision": now.grade_seq, "grade": now.grade.value if now.grade else None}
    agrees = stands.items() <= last.items()
    if not any(entry.kind == Kind.BET_POSTED for entry in entries):  # of a file, or older than the log
        return agrees if last["decision"] == now.grade_seq else None
    return agrees and sum(each["profit_micro"] for each in decisions) == now.profit_micro


def _said(entry: Entry) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(entry.details)
    return told
