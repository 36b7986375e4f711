"""``/privacy``: a copy of everything held about oneself, its erasure, and how far both are."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dbsbm.audit.log.repository import LogRepository
from dbsbm.audit.proof import Claim, document, fingerprint, proven
from dbsbm.audit.repository import AuditRepository
from dbsbm.commands import answers, wording
from dbsbm.commands.words.catalogue import Markdown, Words
from dbsbm.core.errors import ConflictError, InputError, NotFoundError
from dbsbm.discord import components, custom_id
from dbsbm.discord.components import Style
from dbsbm.discord.definitions import Context, Image, Json, Reply, Result, Who, command, component, modal, static_modal
from dbsbm.keys.repository import KeyRepository
from dbsbm.privacy.held.copying import Cursor, Part, part
from dbsbm.privacy.held.repository import NOT_COPIED
from dbsbm.privacy.inventory import TABLES
from dbsbm.privacy.requests.model import WAIT, Kind, Request, State, answer_by, confirm_by
from dbsbm.privacy.requests.receipt import digest, receipt_of
from dbsbm.privacy.requests.repository import RequestRepository, subject_of

FUNCTION = "command_stats"
_SHOWN = 5
_CONFIRM = "DELETE"
_WORDS = Words()

static_modal(
    "privacy.confirm",
    components.modal(
        custom_id.build("privacy.confirm"),
        _WORDS.plain("privacy.confirm_title"),
        components.text_field(_WORDS.plain("privacy.confirm_field"), "typed", max_length=10),
    ),
)


def subjects(ctx: Context) -> tuple[str, ...]:
    """The names that whoever asks may have been given."""
    return ctx.index.keyed(_person(ctx))


def _person(ctx: Context) -> str:
    return f"person|{ctx.person.user_id}"


@command(
    "privacy export",
    "Everything held about you, in every server, as files only you see",
    who=Who.ANYONE,
    mode="deferred",
    function=FUNCTION,
)
def export(ctx: Context) -> Result:
    request = _new(ctx, Kind.EXPORT)
    RequestRepository(ctx.session).add(request)
    return _given(ctx, request, 1)


@component("privacy.more", args=(int, int), who=Who.ANYONE, mode="deferred", function=FUNCTION, answers="message")
def more(ctx: Context, request_id: int, number: int) -> Result:
    """The next part; pressed again, the person is sent to a new export."""
    request = RequestRepository(ctx.session).lock(request_id)
    words = Words(ctx.person.locale)
    if request is None or request.subject not in subjects(ctx):
        raise NotFoundError("no such request")
    if not request.open or request.counts.get("parts") != number - 1:
        raise ConflictError(words("privacy.given_already"))
    return _given(ctx, request, number)


@command("privacy status", "What you asked about your data, and how far it is", who=Who.ANYONE, function=FUNCTION)
def status(ctx: Context) -> Result:
    return Result(answers.private(*_status(ctx)))


@command("privacy delete", "Erase what is held about you, in every server", who=Who.ANYONE, function=FUNCTION)
def delete(ctx: Context) -> Result:
    words = Words(ctx.person.locale)
    open_one = _open(ctx)
    if open_one is not None:
        return Result(answers.private(*_status(ctx)))
    told = components.text(words("privacy.explained", minutes=int(WAIT.total_seconds() // 60)))
    button = components.button(words.plain("privacy.go_on"), custom_id.build("privacy.confirm"), Style.DANGER)
    return Result(answers.private(told, components.row(button)))


@modal("privacy.confirm", who=Who.ANYONE, function=FUNCTION)
def confirmed(ctx: Context) -> Result:
    words = Words(ctx.person.locale)
    typed = str(ctx.interaction.options.get("typed") or "").strip()
    if typed.upper() != _CONFIRM:
        raise InputError("confirmation", typed, "is not the word", _CONFIRM)
    if _open(ctx) is None:
        RequestRepository(ctx.session).add(_new(ctx, Kind.DELETE))
    return Result(answers.private(components.text(words("privacy.received")), *_status(ctx)))


@component("privacy.keep", args=(int,), who=Who.ANYONE, function=FUNCTION)
def keep(ctx: Context, request_id: int) -> Result:
    """Take an erasure back that has not begun."""
    requests = RequestRepository(ctx.session)
    request = requests.lock(request_id)
    if request is None or request.subject not in subjects(ctx):
        raise NotFoundError("no such request")
    if request.state is State.WAITING:
        requests.keep(replace(request, state=State.WITHDRAWN, done_at=ctx.clock.now()))
    return Result(answers.redrawn(*_status(ctx)))


def _new(ctx: Context, kind: Kind) -> Request:
    received = ctx.interaction.created_at
    return Request(
        request_id=ctx.ids.new(),
        subject=ctx.index.named(_person(ctx)),
        user_id=ctx.person.user_id if kind is Kind.DELETE else None,
        kind=kind,
        state=State.WAITING,
        received_at=received,
        confirm_by=confirm_by(received),
        answer_by=answer_by(received),
        begins_at=received + WAIT,
    )


def _open(ctx: Context) -> Request | None:
    requests = RequestRepository(ctx.session).of(subjects(ctx), _SHOWN)
    return next((each for each in requests if each.kind is Kind.DELETE and each.open), None)


@component("privacy.receipt", args=(int,), who=Who.ANYONE, mode="deferred", function=FUNCTION, answers="message")
def receipt(ctx: Context, request_id: int) -> Result:
    """The receipt of an erasure with its place in the signed log, as a file that docs/verify.py checks."""
    request, words = RequestRepository(ctx.session).lock(request_id), Words(ctx.person.locale)
    if request is None or request.subject not in subjects(ctx):
        raise NotFoundError("no such request")
    log, subject = LogRepository(ctx.session), subject_of(request_id)
    sealed, entries = log.newest_checkpoint(), AuditRepository(ctx.session, 0).of_subject(subject)
    content = receipt_of(request, KeyRepository(ctx.session).of_request(request_id))
    said = {json.loads(entry.details).get("receipt") for entry in proven(entries, sealed)}
    if sealed is None or digest(content) not in said:
        return Result(answers.private(components.text(words("privacy.receipt_waiting"))))
    name, file = f"receipt-{request_id}.json", document(log, Claim(subject.name, b"", content), entries, sealed, 0)
    told = components.text(words("privacy.receipt_given", size=sealed.size, signer=fingerprint(sealed)))
    reply = answers.private(told, {"type": 13, "file": {"url": f"attachment://{name}"}})
    image = Image(name, words.plain("privacy.receipt_file"), "text", {"text": _json(file)})
    return Result(Reply(reply.kind, reply.data, (image,)))


def _status(ctx: Context) -> list[Json]:
    words = Words(ctx.person.locale)
    requests = RequestRepository(ctx.session).of(subjects(ctx), _SHOWN)
    if not requests:
        return [components.text(words("privacy.none"))]
    shown: list[Json] = [components.text("\n".join(_line(each, words) for each in requests))]
    waiting = [each for each in requests if each.kind is Kind.DELETE and each.state is State.WAITING]
    for each in waiting:
        button = components.button(words.plain("privacy.keep"), custom_id.build("privacy.keep", each.request_id))
        shown.append(components.row(button))
    buttons = [
        components.button(
            words.plain("privacy.receipt", number=place), custom_id.build("privacy.receipt", each.request_id)
        )
        for place, each in enumerate(requests, start=1)
        if each.kind is Kind.DELETE and each.state is State.DONE
    ]
    return [*shown, components.row(*buttons)] if buttons else shown


def _line(request: Request, words: Words) -> Markdown:
    kind, when = words.plain(f"privacy.kind.{request.kind}"), wording.moment(request.received_at)
    state = f"privacy.{request.kind}_{request.state}"
    receipt = ", ".join(f"{table} {rows}" for table, rows in sorted(request.counts.items()) if table != "parts")
    return words(
        "privacy.request",
        kind=kind,
        when=when,
        state=words(
            state,
            begins=wording.moment(request.begins_at),
            by=wording.moment(request.answer_by),
            done=wording.moment(request.done_at or request.received_at),
            receipt=Markdown(f"`{receipt or '0'}`"),
        ),
    )


def _given(ctx: Context, request: Request, number: int) -> Result:
    """One part as two files, for a program and for a person, and the button for the next one."""
    words = Words(ctx.person.locale)
    table, *key = json.loads(request.cursor_key) if request.cursor_key else [0]
    found = part(ctx.session, ctx.person.user_id, Cursor(request.cursor_guild, table, tuple(key)))
    counts = {"parts": number, "rows": request.counts.get("rows", 0) + found.rows}
    moved = replace(request, counts=counts)
    if found.then is None:
        moved = replace(moved, state=State.DONE, done_at=ctx.clock.now())
    else:
        key = json.dumps([found.then.table, *found.then.key], ensure_ascii=False)
        moved = replace(moved, cursor_guild=found.then.after, cursor_key=key)
    RequestRepository(ctx.session).keep(moved)
    document = _document(ctx, found, number)
    name = f"my-data-{number}"
    files = (
        Image(f"{name}.json", words.plain("privacy.file_json"), "text", {"text": _json(document)}),
        Image(f"{name}.html", words.plain("privacy.file_html"), "text", {"text": _page(document, words)}),
    )
    content = [components.text(words("privacy.given", part=number, rows=found.rows))]
    content += [{"type": 13, "file": {"url": f"attachment://{each.file}"}} for each in files]
    if found.then is not None:
        following = custom_id.build("privacy.more", request.request_id, number + 1)
        content.append(components.row(components.button(words.plain("privacy.more"), following, Style.PRIMARY)))
    reply = answers.private(*content)
    return Result(Reply(reply.kind, reply.data, files))


def _document(ctx: Context, found: Part, number: int) -> Json:
    given = {name for rows in found.communities.values() for name in rows}
    return {
        "v": 1,
        "person": str(ctx.person.user_id),
        "part": number,
        "last": found.then is None,
        "made_at": ctx.clock.now().isoformat(),
        "communities": {str(guild_id): rows for guild_id, rows in found.communities.items()},
        "tables": {
            table.name: {"why": table.purpose, "basis": table.basis, "kept": table.kept, "erasure": table.erase}
            for table in TABLES
            if table.name in given
        },
        "not_copied": dict(NOT_COPIED),
    }


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _page(document: Mapping[str, Any], words: Words) -> str:
    """The same as a page to read, without a script or anything from elsewhere."""
    parts = [f"<!doctype html><meta charset=utf-8><title>{html.escape(words.plain('privacy.page'))}</title>"]
    parts.append("<style>body{font:15px sans-serif;margin:2em}td,th{border:1px solid #ccc;padding:2px 6px}</style>")
    parts.append(f"<h1>{html.escape(words.plain('privacy.page'))}</h1><p>{html.escape(document['made_at'])}</p>")
    for guild_id, tables in document["communities"].items():
        parts.append(f"<h2>{guild_id}</h2>")
        for name, rows in tables.items():
            said = document["tables"][name]
            parts.append(f"<h3>{name}</h3><p>{html.escape(said['why'])}; {html.escape(said['kept'])}</p><table><tr>")
            parts += [f"<th>{html.escape(column)}</th>" for column in rows[0]]
            parts += [f"<tr>{''.join(f'<td>{html.escape(str(value))}</td>' for value in row.values())}" for row in rows]
            parts.append("</table>")
    listed = "".join(f"<li>{name}: {html.escape(what)}</li>" for name, what in document["not_copied"].items())
    return "\n".join([*parts, f"<h2>{html.escape(words.plain('privacy.not_copied'))}</h2><ul>{listed}</ul>"]) + "\n"
