"""``/webhook``: a community's own systems are told what happens here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from urllib.parse import urlsplit

from dbsbm.audit.events import Kind, Subject
from dbsbm.audit.repository import AuditRepository
from dbsbm.commands import answers, rights, wording
from dbsbm.commands.words.catalogue import Markdown, Words
from dbsbm.core.errors import ConflictError, InputError, NotFoundError
from dbsbm.core.ids import decode, encode
from dbsbm.database.session import Session
from dbsbm.discord import components, custom_id
from dbsbm.discord.components import Choice, Style
from dbsbm.discord.definitions import (
    Context,
    Json,
    Option,
    Post,
    Result,
    Who,
    autocomplete,
    command,
    component,
)
from dbsbm.guilds.repository import GuildRepository
from dbsbm.security import sealed_text
from dbsbm.tiers import service as tiers
from dbsbm.tiers.model import Limit
from dbsbm.webhooks import signing
from dbsbm.webhooks.addresses import AddressError, place_of
from dbsbm.webhooks.model import SUBSCRIBED, Endpoint, EndpointState, Event, EventState, Told, secret_context
from dbsbm.webhooks.repository import WebhookRepository
from dbsbm.webhooks.sealing import addressed, sealed_address

FUNCTION = "command_guild"
_LOGGED = 10
_SHOWN = 60
_LENGTHS = (_SHOWN, 32, 16)
"""How much of an address a list shows: the first of these with which all of them fit."""
_EVENTS: dict[str, tuple[Event, ...]] = {
    "all": SUBSCRIBED,
    "bets": (Event.BET_CREATED, Event.BET_GRADED, Event.BET_REGRADED),
    "results": (Event.BET_GRADED, Event.BET_REGRADED),
    "cappers": (Event.CAPPER_CHANGED,),
}
_WEBHOOK = Option("webhook", "Which one", required=True, autocomplete=True)


@command(
    "webhook add",
    "Tell a system of yours what happens here, over a signed HTTPS request",
    who=Who.ADMIN,
    function=FUNCTION,
    options=(
        Option("url", "Its address, https://…", required=True, max_length=400),
        Option(
            "events",
            "What it is told; everything when left out",
            choices=(
                ("Everything", "all"),
                ("Bets and results", "bets"),
                ("Results", "results"),
                ("Cappers", "cappers"),
            ),
        ),
    ),
)
def add(ctx: Context) -> Result:
    words = Words(ctx.person.locale)
    repository = _repository(ctx)
    rights.ready(GuildRepository(ctx.session, rights.guild_id_of(ctx)).guild(), words)
    url = str(ctx.interaction.options["url"]).strip()
    try:
        place_of(url, loopback=ctx.settings.dbsbm_stage == "local")
    except AddressError as error:
        raise InputError(
            "url", url, words.plain(f"webhook.url.{error.reason}"), "https://example.com/hooks/bets"
        ) from error
    tiers.require(ctx, Limit.WEBHOOKS, repository.count)
    endpoint_id, secret = ctx.ids.new(), signing.new_secret(ctx.random)
    endpoint = Endpoint(
        guild_id=rights.guild_id_of(ctx),
        endpoint_id=endpoint_id,
        url=url,
        url_cipher=sealed_address(ctx.tokens, endpoint_id, url),
        secret_cipher=ctx.tokens.seal(secret, secret_context(endpoint_id)),
        events=_EVENTS[str(ctx.interaction.options.get("events", "all"))],
        state=EndpointState.LIVE,
        created_by=ctx.person.user_id,
        created_at=ctx.clock.now(),
    )
    repository.add(endpoint)
    _record(ctx, endpoint_id, "added")
    shown = Markdown(sealed_text.seal(ctx.tokens, secret))
    return Result(answers.said(words("webhook.added", url=shortened(url), events=_names(endpoint), secret=shown)))


@command("webhook list", "Which systems are told what happens here", who=Who.ADMIN, function=FUNCTION)
def show(ctx: Context) -> Result:
    words = Words(ctx.person.locale)
    repository = _repository(ctx)
    found = _endpoints(ctx)
    lines = [words("webhook.none")] if not found else [words("webhook.title")]
    waiting = {each.endpoint_id: repository.waiting(each.endpoint_id) for each in found}
    for most in _LENGTHS:
        listed = [_line(each, waiting[each.endpoint_id], words, most) for each in found]
        if len("\n".join([*lines, *listed])) < components.TEXT_MAX:
            break
    lines += listed
    parked = [each for each in found if each.state is EndpointState.PARKED][:5]
    buttons = [components.row(_resume_button(each, words)) for each in parked]
    return Result(answers.private(components.text("\n".join(lines)), *buttons))


@command("webhook remove", "Stop telling a system", who=Who.ADMIN, function=FUNCTION, options=(_WEBHOOK,))
def remove(ctx: Context) -> Result:
    words = Words(ctx.person.locale)
    endpoint = _asked(ctx)
    _repository(ctx).remove(endpoint.endpoint_id)
    _record(ctx, endpoint.endpoint_id, "removed")
    return Result(answers.said(words("webhook.removed", url=shortened(endpoint.url))))


@command("webhook test", "Send a test event", who=Who.ADMIN, function=FUNCTION, options=(_WEBHOOK,))
def test(ctx: Context) -> Result:
    words = Words(ctx.person.locale)
    endpoint = _asked(ctx)
    body = json.dumps({"message": "A test from DBSBM."})
    _repository(ctx).test(endpoint.endpoint_id, ctx.ids.new(), body, ctx.clock.now())
    if endpoint.state is EndpointState.PARKED:
        button = components.row(_resume_button(endpoint, words))
        return Result(answers.private(components.text(words("webhook.test_parked")), button))
    return Result(answers.said(words("webhook.tested", url=shortened(endpoint.url))))


@command("webhook log", "What a system was told lately", who=Who.ADMIN, function=FUNCTION, options=(_WEBHOOK,))
def log(ctx: Context) -> Result:
    endpoint = _asked(ctx)
    return Result(answers.private(*_log(ctx, endpoint)))


@component("webhook.secret", args=(int,), who=Who.ADMIN, function=FUNCTION)
def change_secret(ctx: Context, endpoint_id: int) -> Result:
    """A new secret, shown once; for a day requests are signed with the one before as well."""
    words = Words(ctx.person.locale)
    endpoint = _endpoint(ctx, endpoint_id)
    secret, context = signing.new_secret(ctx.random), secret_context(endpoint_id)
    stored = signing.changed(ctx.tokens.open(endpoint.secret_cipher, context), secret, ctx.clock.now())
    if not _repository(ctx).change_secret(endpoint_id, endpoint.secret_cipher, ctx.tokens.seal(stored, context)):
        raise ConflictError("another admin changed the secret at the same moment")
    _record(ctx, endpoint_id, "secret_changed")
    shown = Markdown(sealed_text.seal(ctx.tokens, secret))
    return Result(answers.said(words("webhook.secret_changed", url=shortened(endpoint.url), secret=shown)))


@component("webhook.resend", args=(int,), who=Who.ADMIN, function=FUNCTION)
def resend(ctx: Context, endpoint_id: int) -> Result:
    words = Words(ctx.person.locale)
    endpoint = _endpoint(ctx, endpoint_id)
    if not _repository(ctx).resend(endpoint_id, ctx.interaction.values[0]):
        raise NotFoundError("no such event")
    said = "webhook.resent" if endpoint.state is EndpointState.LIVE else "webhook.resent_parked"
    return Result(answers.redrawn(*_log(ctx, endpoint), components.text(words(said))))


@component("webhook.resume", args=(int,), who=Who.ADMIN, function=FUNCTION)
def resume(ctx: Context, endpoint_id: int) -> Result:
    words = Words(ctx.person.locale)
    endpoint = _endpoint(ctx, endpoint_id)
    _repository(ctx).resume(endpoint_id)
    _record(ctx, endpoint_id, "resumed")
    return Result(answers.redrawn(components.text(words("webhook.resumed", url=shortened(endpoint.url)))))


def _choices(ctx: Context, typed: str) -> Sequence[tuple[str, str]]:
    person, guild_id = ctx.person, rights.guild_id_of(ctx)
    if not rights.is_grader(person, GuildRepository(ctx.session, guild_id).guild()):
        return ()
    found = _endpoints(ctx)
    return [(shortened(each.url), encode(each.endpoint_id)) for each in found if typed.lower() in each.url.lower()]


for _name in ("webhook remove", "webhook test", "webhook log"):
    autocomplete(_name, "webhook", function=FUNCTION)(_choices)


def parked_notice(endpoint: Endpoint, kept: int, session: Session) -> Post | None:
    """What the admins are told of an endpoint that was silent for a day: in their channel, else who added it."""
    guild = GuildRepository(session, endpoint.guild_id).guild()
    words = Words() if guild is None else Words(guild.locale)
    told = words("webhook.parked_notice", url=shortened(endpoint.url), count=kept)
    key = f"webhook:{endpoint.endpoint_id}:{endpoint.failures}"
    if guild is not None and guild.admin_channel_id is not None:
        data = components.message(components.text(told), components.row(_resume_button(endpoint, words)))
        return Post("message.post", key, {"channel_id": str(guild.admin_channel_id)}, data)
    return Post("direct.post", key, {"user_id": str(endpoint.created_by)}, components.message(components.text(told)))


def shortened(url: str, most: int = _SHOWN) -> str:
    """Host and the beginning of the path: the rest may be a secret."""
    parts = urlsplit(url)
    return components.cut(f"{parts.netloc}{parts.path}", most)


def _repository(ctx: Context) -> WebhookRepository:
    return WebhookRepository(ctx.session, rights.guild_id_of(ctx))


def _record(ctx: Context, endpoint_id: int, action: str) -> None:
    audit = AuditRepository(ctx.session, rights.guild_id_of(ctx))
    audit.append(Kind.GUILD_WEBHOOK, Subject(f"webhook:{endpoint_id}"), {"action": action})


def _asked(ctx: Context) -> Endpoint:
    typed = str(ctx.interaction.options["webhook"])
    try:
        return _endpoint(ctx, decode(typed))
    except ValueError:
        found = [each for each in _endpoints(ctx) if typed and typed.lower() in each.url.lower()]
        if len(found) != 1:
            raise NotFoundError(f"{len(found)} endpoints") from None
        return found[0]


def _endpoint(ctx: Context, endpoint_id: int) -> Endpoint:
    endpoint = _repository(ctx).endpoint(endpoint_id)
    if endpoint is None:
        raise NotFoundError(f"no endpoint {endpoint_id}")
    return addressed(ctx.tokens, endpoint)


def _endpoints(ctx: Context) -> list[Endpoint]:
    return [addressed(ctx.tokens, each) for each in _repository(ctx).endpoints()]


def _resume_button(endpoint: Endpoint, words: Words) -> Json:
    label = words.plain("webhook.resume", url=shortened(endpoint.url))
    return components.button(label, custom_id.build("webhook.resume", endpoint.endpoint_id), Style.PRIMARY)


def _names(endpoint: Endpoint) -> str:
    return ", ".join(event.value for event in endpoint.events)


def _line(endpoint: Endpoint, waiting: int, words: Words, most: int) -> Markdown:
    state = words("webhook.state.live")
    if endpoint.state is EndpointState.PARKED:
        state = words("webhook.state.parked", count=waiting)
    elif endpoint.failing_since is not None:
        since = wording.moment(endpoint.failing_since, "R")
        state = words("webhook.state.failing", since=since, count=waiting)
    return words("webhook.line", url=shortened(endpoint.url, most), events=_names(endpoint), state=state)


def _log(ctx: Context, endpoint: Endpoint) -> list[Json]:
    words = Words(ctx.person.locale)
    events = _repository(ctx).latest(endpoint.endpoint_id, _LOGGED)
    lines = [words("webhook.log_title", url=shortened(endpoint.url))]
    lines += [_log_line(each, words) for each in events] or [words("webhook.log_empty")]
    panel = [components.text("\n".join(lines))]
    again = [each for each in events if each.state is not EventState.DROPPED]
    if again:
        choices = [Choice(each.event_id, each.event_id, _result(each, words)) for each in again]
        target = custom_id.build("webhook.resend", endpoint.endpoint_id)
        panel.append(components.select(target, choices, words.plain("webhook.resend")))
    target = custom_id.build("webhook.secret", endpoint.endpoint_id)
    return [*panel, components.row(components.button(words.plain("webhook.secret"), target, Style.SECONDARY))]


def _log_line(told: Told, words: Words) -> Markdown:
    at = wording.moment(told.attempted_at or told.occurred_at, "R")
    return words("webhook.log_line", event=told.event.value, id=told.event_id, result=_result(told, words), when=at)


def _result(told: Told, words: Words) -> str:
    status = str(told.status) if told.status is not None else ""
    detail = told.error if told.error and told.state is not EventState.SENT else status
    return words.plain(f"webhook.event.{told.state.value}", attempts=told.attempts, detail=detail or "–")
