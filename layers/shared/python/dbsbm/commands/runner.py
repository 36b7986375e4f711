"""Runs one interaction: reads it, finds its route, checks the right, does the exchange, answers.

Everything a command function does is here; ``functions/command_*/handler.py`` only say which commands they hold.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from dbsbm.cache.prefixes import REFUSED
from dbsbm.commands import answers, gate, payload, rights
from dbsbm.commands.payload import Envelope, InteractionType
from dbsbm.commands.words.catalogue import Words
from dbsbm.core import metrics, tracing
from dbsbm.core.errors import DatabaseUnavailableError, DbsbmError, NotAllowedError
from dbsbm.database.exchange import Claim, Deferred, Outcome, Refused
from dbsbm.database.session import Session
from dbsbm.discord import custom_id
from dbsbm.discord.definitions import REGISTRY, Context, Handler, Interaction, Json, Reply, Result, Who
from dbsbm.environment import Environment
from dbsbm.security.sealed_text import opened
from dbsbm.webhooks import nudge

logger = logging.getLogger(__name__)

_NAME_MAX = 100
_UNKNOWN = "unknown"
_REFUSALS_S = 3600
BUDGET_MS = {"command": 1000, "choices": 400}
"""What an answer may take in its function: with the way there and back it still comes before the front door defers."""
_NUDGE_TIMEOUT_S = 0.5
"""The person waits meanwhile, and the sweep finds what a lost nudge leaves."""


@dataclass(frozen=True, slots=True)
class _Call:
    """A route found: its name, who may use it, and its handler with its typed arguments."""

    route: str
    who: Who
    handler: Handler
    args: tuple[Any, ...] = ()


def run(event: Mapping[str, Any], environment: Environment) -> Json:
    """Answer the event of a command function.

    Raises
    ------
    Exception
        Only for a deferred interaction, so that the asynchronous invocation is retried.
    """
    began = time.perf_counter()
    try:
        envelope = payload.read_envelope(event)
    except payload.PayloadError as error:
        logger.error("unreadable interaction: %s", error.detail)
        metrics.record(metrics.ERRORS, code=error.code)
        return answers.wire(answers.refusal(error, Words()).to_json())
    try:
        if envelope.interaction.type == InteractionType.AUTOCOMPLETE:
            return _complete(envelope.interaction, environment)
        return _answer(envelope, environment)
    except Exception as error:
        _count_fault(error, envelope)
        if envelope.mode == "deferred":
            raise
        return _failed(error, envelope)
    finally:
        _measure((time.perf_counter() - began) * 1000, envelope)


def _count_fault(error: Exception, envelope: Envelope) -> None:
    """What went wrong on our side: what a person did wrong is no error of the command."""
    if isinstance(error, DatabaseUnavailableError) or not isinstance(error, DbsbmError):
        metrics.record(metrics.COMMAND_ERRORS, route=_route_name(envelope.interaction))


def _measure(took_ms: float, envelope: Envelope) -> None:
    kind = "choices" if envelope.interaction.type == InteractionType.AUTOCOMPLETE else "command"
    route = _route_name(envelope.interaction)
    metrics.record(metrics.COMMAND, took_ms, route=route)
    if took_ms > BUDGET_MS[kind]:
        metrics.record(metrics.OVER_BUDGET, kind=kind)
        logger.warning("over budget", extra={"route": route, "took_ms": round(took_ms), "budget_ms": BUDGET_MS[kind]})


def _answer(envelope: Envelope, environment: Environment) -> Json:
    interaction = envelope.interaction
    call = _find(interaction)
    barred = gate.barred(call.route, interaction, environment)
    if barred is not None and envelope.mode == "inline":
        raise barred
    refused: list[DbsbmError] = []

    def work(session: Session) -> Result:
        try:
            if barred is not None:
                raise barred
            operators = environment.settings.operators
            rights.check(call.who, interaction, session, environment.clock.now(), operators)
            with tracing.span("handler"):
                result = call.handler(_context(interaction, session, environment), *call.args)
        except DatabaseUnavailableError:
            raise
        except DbsbmError as error:
            if isinstance(error, NotAllowedError):
                refused.append(error)
            if envelope.mode == "inline":
                raise
            metrics.record(metrics.ERRORS, code=error.code)
            raise Refused(Result(answers.refusal(error, Words(interaction.person.locale)))) from error
        _count_bets(call, result)
        return result if envelope.mode == "inline" else _for_late_reply(interaction, result)

    try:
        with tracing.span("exchange", route=_route_name(interaction)):
            outcome = environment.database.exchange(_claim(call, envelope), work)
    finally:
        if refused:
            _record_refusal(call, interaction, environment)
    with tracing.span("nudge"):
        _nudge(outcome, environment)
    return answers.wire(opened(outcome.reply, environment.tokens))


def _record_refusal(call: _Call, interaction: Interaction, environment: Environment) -> None:
    """A right that was missing, in the audit log: by person and route once an hour, however often they press."""
    guild_id, user_id = interaction.guild_id, interaction.person.user_id
    if guild_id is None:
        return

    def stored() -> int:
        environment.database.run(lambda session: rights.record_refusal(session, interaction, call.route))
        return 1

    try:
        environment.cache.get_or_load(f"{REFUSED}:{guild_id}:{user_id}:{call.route}", _REFUSALS_S, stored)
    except DbsbmError as error:
        logger.warning("a refusal was not recorded: %s", error.code)


def _count_bets(call: _Call, result: Result) -> None:
    """Bets posted and decided on, read from the slips that follow; counted with the commit."""
    slips = [post.kind for post in result.outbox if post.target_key.startswith("bet:")]
    if "slip.post" in slips:
        metrics.record(metrics.BETS_POSTED, slips.count("slip.post"))
    if call.who is Who.GRADER and "message.edit" in slips:
        metrics.record(metrics.BETS_GRADED, slips.count("message.edit"))


def _route_name(interaction: Interaction) -> str:
    """The route as one of a bounded number of names, for metrics."""
    if interaction.type == InteractionType.AUTOCOMPLETE:
        asked = (payload.command_name(interaction), interaction.focused or "")
        return ".".join(asked) if asked in REGISTRY.autocompletes else _UNKNOWN
    try:
        call = _find(interaction)
    except (KeyError, TypeError, AttributeError, IndexError):  # what is malformed is answered elsewhere
        return _UNKNOWN
    return _UNKNOWN if call.handler is _unknown_command else call.route


def _find(interaction: Interaction) -> _Call:
    if interaction.type == InteractionType.COMMAND:
        name = payload.command_name(interaction)
        command = REGISTRY.commands.get(name)
        return _Call(name, command.who, command.handler) if command else _Call(name[:64], Who.ANYONE, _unknown_command)
    typed = payload.custom_id_of(interaction)
    if interaction.type == InteractionType.MODAL:
        return _routed(typed, {name: (route.args, route.who, route.handler) for name, route in REGISTRY.modals.items()})
    return _routed(typed, {name: (route.args, route.who, route.handler) for name, route in REGISTRY.components.items()})


def _routed(typed: str, routes: Mapping[str, tuple[Sequence[type], Who, Handler]]) -> _Call:
    try:
        name, args = custom_id.parse(typed, {name: route[0] for name, route in routes.items()})
    except custom_id.CustomIdError:
        return _Call("unknown", Who.ANYONE, _old_button)
    _, who, handler = routes[name]
    return _Call(name, who, handler, args)


def _old_button(ctx: Context) -> Result:
    return Result(answers.said(Words(ctx.person.locale)("error.old_button")))


def _unknown_command(ctx: Context) -> Result:
    return Result(answers.said(Words(ctx.person.locale)("error.unknown_command")))


def _context(interaction: Interaction, session: Session, environment: Environment) -> Context:
    return Context(
        session=session,
        interaction=interaction,
        clock=environment.clock,
        ids=environment.ids,
        random=environment.random,
        settings=environment.settings,
        cache=environment.cache,
        tokens=environment.tokens,
        index=environment.index,
    )


def _claim(call: _Call, envelope: Envelope) -> Claim:
    interaction = envelope.interaction
    deferred = None
    if envelope.mode == "deferred":
        number: Literal[5, 6] = 5 if envelope.deferral == 5 else 6
        expires_at = interaction.created_at + payload.TOKEN_LIFE
        deferred = Deferred(interaction.application_id, interaction.token, number, expires_at)
    return Claim(interaction.id, interaction.guild_id or 0, interaction.person.user_id, call.route, deferred)


def _for_late_reply(interaction: Interaction, result: Result) -> Result:
    """Fold the picture that follows an inline answer into the answer itself, now that both come by the outbox.

    A modal cannot follow a deferral, so the person is asked to press again.
    """
    if result.reply.kind == "modal":
        return Result(answers.said(Words(interaction.person.locale)("error.press_again")), result.outbox)
    own = [post for post in result.outbox if post.target.get("interaction_id") == interaction.id]
    if not own:
        return result
    others = tuple(post for post in result.outbox if post not in own)
    return Result(Reply(result.reply.kind, own[-1].data, own[-1].images), others)


def _nudge(outcome: Outcome, environment: Environment) -> None:
    """Wake whoever sends. What is lost here is found by a sweep within a minute, so a failure is only logged."""
    told = nudge.taken()
    if outcome.target_keys:
        _wake("delivery", {"v": 1, "target_keys": list(outcome.target_keys)}, environment)
    if told:
        _wake("job_webhooks", {"v": 1}, environment)


def _wake(function: str, event: Json, environment: Environment) -> None:
    trace = tracing.traceparent()
    carried = {"traceparent": trace} if trace else {}
    try:
        environment.invoke(function, {**event, **carried}, asynchronous=True, timeout_s=_NUDGE_TIMEOUT_S)
    except DbsbmError as error:
        logger.warning("%s was not nudged: %s", function, error.code)


def _failed(error: Exception, envelope: Envelope) -> Json:
    """The private words for an error of an inline interaction; nothing was stored."""
    words = Words(envelope.interaction.person.locale)
    metrics.record(metrics.ERRORS, code=error.code if isinstance(error, DbsbmError) else "internal")
    if isinstance(error, DbsbmError):
        logger.info("refused: %s", error.code)
        return answers.wire(answers.refusal(error, words).to_json())
    logger.exception("interaction %s failed", envelope.interaction.id)
    return answers.wire(answers.said(words("error.internal")).to_json())


def _complete(interaction: Interaction, environment: Environment) -> Json:
    """Choices for an option; whatever goes wrong, the person sees none rather than an error."""
    try:
        choices = _choices(interaction, environment)
    except Exception:
        logger.exception("autocomplete failed")
        metrics.record(metrics.COMMAND_ERRORS, route=_route_name(interaction))
        choices = ()
    shown = [{"name": name[:_NAME_MAX], "value": value} for name, value in choices[:25]]
    return {"v": 1, "kind": "choices", "data": {"choices": shown}, "images": []}


def _choices(interaction: Interaction, environment: Environment) -> Sequence[tuple[str, str]]:
    command = payload.command_name(interaction)
    route = REGISTRY.autocompletes.get((command, interaction.focused or ""))
    if route is None or not gate.may_type(command, interaction, environment):
        return ()
    if interaction.guild_id is None and REGISTRY.commands[command].who is not Who.OPERATOR:
        return ()
    typed = str(interaction.options.get(route.option) or "")
    with environment.database.read() as session:
        return route.handler(_context(interaction, session, environment), typed)
