"""The front door: verifies, routes, hands off. It holds no secret and knows no rule of the product.

Imports the standard library, ``nacl.bindings`` through ``discord.signature``, and ``discord.{signature,custom_id,
routes}``; the client for hand-offs only once a signature holds and a hand-off is due.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from json import JSONDecoder, dumps
from typing import TYPE_CHECKING, Any, NamedTuple

from dbsbm.discord.routes import Route, Routes, load
from dbsbm.discord.signature import Gate, RefusedError, only_value, parse_keys
from interactions import address, answers

if TYPE_CHECKING:
    from dbsbm.core.aws import Invoke

Json = dict[str, Any]

INLINE_BY_S = 1.8
"""How long after the click a function may take to answer inline; Discord gives up at 3 s, network included."""
CHOICES_BY_S = 1.5
HAND_OFF_S = 0.8
"""What a hand-off may take after a wait: 1.8 + 0.8 s leave 0.4 s for the way back."""
LEAST_WAIT_S = 0.25
SKEWED_WAIT_S = 1.0
EDGE_HEADER = "x-dbsbm-edge"
_DISCORD_LIMIT_S = 3.0
_DISCORD_EPOCH_MS = 1_420_070_400_000


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"not JSON: {name}")


_REFUSED = {401: {"error": "invalid request signature"}, 413: {"error": "request too large"}}
"""The same words for each reason, which only the log tells."""
_DECODER = JSONDecoder(parse_constant=_refuse_constant)


class Arrival(NamedTuple):
    """A signed interaction and when it came, in seconds since 1970."""

    interaction: Json
    type: int
    at: float
    traceparent: str = ""
    """The span that this is, as W3C Trace Context writes it."""

    @property
    def age_s(self) -> float:
        """Seconds since the click, from the snowflake; negative or large when the two clocks disagree."""
        return self.at - ((int(self.interaction["id"]) >> 22) + _DISCORD_EPOCH_MS) / 1000


class FrontDoor(NamedTuple):
    """One front door. ``now`` gives seconds since 1970; ``log`` takes one line of JSON."""

    gate: Gate
    routes: Routes
    now: Callable[[], float]
    invoke: Callable[[], Invoke]
    """Gives the client, made on the first hand-off."""
    log: Callable[[str], object]
    canary: Gate | None = None
    """Whose key opens a PING and what happens in ``canary_guild``, and nothing else."""
    canary_guild: str = ""
    edge_digest: str = ""
    """SHA-256 of what CloudFront says when it stands before the API; "" when nobody does."""
    trace: Callable[[], str] = str
    """Gives what Lambda says of the trace (``_X_AMZN_TRACE_ID``); empty where nobody traces."""

    @classmethod
    def from_environ(
        cls,
        environ: Mapping[str, str],
        *,
        routes: Routes | None = None,
        now: Callable[[], float] = time.time,
        invoke: Invoke | None = None,
        log: Callable[[str], object] | None = None,
    ) -> FrontDoor:
        """Build from the environment variables; the rest is for the local cloud and tests.

        Raises
        ------
        PublicKeyError
            When ``DISCORD_PUBLIC_KEY``, ``CANARY_PUBLIC_KEY`` or ``DISCORD_FRESHNESS_S`` cannot be used.
        """
        made: list[Invoke] = [] if invoke is None else [invoke]

        def client() -> Invoke:
            if not made:
                from dbsbm.core.aws import LambdaInvoke  # noqa: PLC0415 — 10 ms that a PING does not need

                made.append(LambdaInvoke.from_environ(environ))
            return made[0]

        narrow = environ.get("CANARY_PUBLIC_KEY")
        return cls(
            Gate.from_environ(environ),
            routes or load(),
            now,
            client,
            log or _write_line,
            Gate(parse_keys(narrow)) if narrow else None,
            environ.get("CANARY_GUILD_ID", ""),
            environ.get("EDGE_DIGEST", ""),
            lambda: environ.get("_X_AMZN_TRACE_ID", ""),
        )

    def __call__(self, event: object, request_id: str = "") -> Json:
        """Answer one HTTP event. Whatever comes in, nothing is raised and the status is below 500."""
        began = time.perf_counter()
        notes: Json = {"function": "interactions", "request_id": request_id}
        try:
            response = self._admit(event, notes)
        except RefusedError as refusal:
            notes.update(outcome="refused", reason=refusal.reason)
            response = answers.http(refusal.status, _REFUSED[refusal.status])
        except Exception as error:
            # Whoever sent it has not been shown to be Discord, and a 5xx would make Discord drop the endpoint.
            notes.update(outcome="refused", reason=f"unexpected {type(error).__name__}")
            response = answers.http(401, _REFUSED[401])
        notes["status"] = response["statusCode"]
        notes["took_ms"] = round((time.perf_counter() - began) * 1000, 2)
        notes["began_ms"] = round(time.time() * 1000 - notes["took_ms"], 2)
        self._record(notes)
        return response

    def _admit(self, event: object, notes: Json) -> Json:
        now = self.now()
        body, narrow = self._opened(event, now)
        try:
            interaction = _DECODER.decode(body.decode())
            arrival = Arrival(interaction, interaction["type"], now)
            if type(arrival.type) is not int or not 1 <= arrival.type <= 5:
                raise ValueError("unknown interaction type")
            if narrow and arrival.type != 1 and not self._is_canarys(interaction):
                raise RefusedError(401, "the canary's key outside its guild")
            if arrival.type == 1:
                notes["outcome"] = "pong"
                return answers.http(200, answers.PONG)
            number = str(int(interaction["id"]))
            arrival = arrival._replace(traceparent=_traceparent(self.trace(), int(number)))
            notes.update(interaction_id=number, correlation_id=number, age_ms=round(arrival.age_s * 1000))
            notes["trace_id"], notes["span_id"] = arrival.traceparent[3:35], arrival.traceparent[36:52]
            notes["by"] = "canary" if narrow else "discord"
            guild_id = str(interaction.get("guild_id"))
            notes["guild_id"] = guild_id[:20] if guild_id.isdecimal() else "none"
            target = address.find(self.routes, arrival.type, interaction["data"])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
            notes.update(outcome="malformed", reason=type(error).__name__)
            return answers.http(400, {"error": "not an interaction"})
        notes["route"] = target.route.name[:100] if target.route else "unknown"
        return answers.http(200, self._answer(arrival, target.route, notes))

    def _opened(self, event: object, now: float) -> tuple[bytes, bool]:
        """The signed body, and whether it was the canary who signed."""
        try:
            body = self.gate.body_of(event, now)
        except RefusedError as refusal:
            if self.canary is None or refusal.status != 401:
                raise
            return self.canary.body_of(event, now), True
        if self.edge_digest:
            self._come_by_the_edge(event)
        return body, False

    def _come_by_the_edge(self, event: object) -> None:
        from hashlib import sha256  # noqa: PLC0415 — for those alone who have an edge

        said = only_value(event, EDGE_HEADER) if isinstance(event, dict) else ""
        if sha256(said.encode()).hexdigest() != self.edge_digest:
            raise RefusedError(401, "not by way of the edge")

    def _is_canarys(self, interaction: Json) -> bool:
        return bool(self.canary_guild) and interaction.get("guild_id") == self.canary_guild

    def _answer(self, arrival: Arrival, route: Route | None, notes: Json) -> Json:
        try:
            if route is None:
                return _unknown(arrival, notes)
            if route.mode == "static":
                notes["outcome"] = "answered"
                return {"type": answers.MODAL, "data": route.modal}
            if arrival.type == address.AUTOCOMPLETE:
                return self._ask(arrival, route, notes) or answers.NO_CHOICES
            if route.mode == "deferred":
                return self._hand_off(arrival, route, notes, self._wait_s(arrival, INLINE_BY_S))
            answer = self._ask(arrival, route, notes)
            if answer is not None:
                return answer
            if route.answers == "modal":
                return answers.private(answers.PRESS_AGAIN)
            return self._hand_off(arrival, route, notes, HAND_OFF_S)
        except Exception as error:
            notes.update(outcome="failed", reason=type(error).__name__)
            if arrival.type == address.AUTOCOMPLETE:
                return answers.NO_CHOICES
            return answers.private(answers.BROKEN)

    def _ask(self, arrival: Arrival, route: Route, notes: Json) -> Json | None:
        """The function's own answer as a callback, or None when it is late, failed or cannot be used."""
        from dbsbm.core.errors import InvokeError  # noqa: PLC0415 — as above

        wait = self._wait_s(arrival, CHOICES_BY_S if arrival.type == address.AUTOCOMPLETE else INLINE_BY_S)
        envelope = _envelope(arrival, route, "inline")
        asked = time.perf_counter()
        try:
            answer = self.invoke()(route.function, envelope, asynchronous=False, timeout_s=wait)
        except InvokeError as error:
            notes.update(outcome="late" if error.code == "invoke_late" else "failed", reason=error.detail)
            return None
        finally:
            notes["asked_ms"] = round((time.perf_counter() - asked) * 1000, 2)
        callback = _callback(arrival, answer)
        notes["outcome"] = "answered" if callback else "unusable"
        return callback

    def _hand_off(self, arrival: Arrival, route: Route, notes: Json, timeout_s: float) -> Json:
        """Hand off first, then answer: a hand-off lost after the answer would be "thinking…" for ever."""
        from dbsbm.core.errors import InvokeError  # noqa: PLC0415 — as above

        # A modal opened by a command has no message that could be updated (Discord: type 6 is for components).
        updates = route.answers == "update" and arrival.interaction.get("message") is not None
        deferral = answers.DEFERRED_UPDATE if updates else answers.DEFERRED_MESSAGE
        envelope = {**_envelope(arrival, route, "deferred"), "deferral": deferral}
        try:
            self.invoke()(route.function, envelope, asynchronous=True, timeout_s=timeout_s)
        except InvokeError as error:
            notes.update(outcome="not_taken", reason=error.detail)
            return answers.private(answers.NOT_TAKEN)
        notes["outcome"] = "deferred"
        return answers.deferred(deferral)

    def _wait_s(self, arrival: Arrival, by_s: float) -> float:
        """Seconds a function may take, counted from the click.

        An age that Discord would not have waited for, or below zero, is a clock that is off; then the wait counts
        from the arrival.
        """
        age = arrival.age_s
        if not 0 <= age <= _DISCORD_LIMIT_S:
            return SKEWED_WAIT_S
        return max(LEAST_WAIT_S, by_s - age)

    def _record(self, notes: Json) -> None:
        """One line that CloudWatch reads both as a log record and as metrics (embedded metric format)."""
        metrics = [{"Name": name, "Unit": "Milliseconds"} for name in ("took_ms", "age_ms") if name in notes]
        metric = {"Namespace": "dbsbm", "Dimensions": [["function", "outcome"]], "Metrics": metrics}
        written = [metric]
        if notes.get("by") == "discord":  # without the canary's, so that silence can be told
            notes["interactions"] = 1
            counted = {"Name": "interactions", "Unit": "Count"}
            written.append({"Namespace": "dbsbm", "Dimensions": [[]], "Metrics": [counted]})
        header = {"Timestamp": int(self.now() * 1000), "CloudWatchMetrics": written}
        self.log(dumps({"level": "INFO", **notes, "_aws": header}, separators=(",", ":")))


def _traceparent(told: str, number: int) -> str:
    """Lambda's own segment; where nobody traces, ids made of the interaction's: the same again for a repeat."""
    parts = dict(part.partition("=")[::2] for part in told.split(";"))
    version, _, root = parts.get("Root", "").partition("-")
    parent = parts.get("Parent", "")
    if version == "1" and len(root) == 33 and len(parent) == 16:
        return f"00-{root.replace('-', '')}-{parent}-0{int(parts.get('Sampled') == '1')}"
    second = ((number >> 22) + _DISCORD_EPOCH_MS) // 1000 & 0xFFFFFFFF
    low = number & 0xFFFFFFFFFFFFFFFF
    return f"00-{second:08x}{low:024x}-{low:016x}-01"


def _unknown(arrival: Arrival, notes: Json) -> Json:
    notes["outcome"] = "unknown_route"
    if arrival.type == address.AUTOCOMPLETE:
        return answers.NO_CHOICES
    return answers.private(answers.UNKNOWN_COMMAND if arrival.type == address.COMMAND else answers.OLD_BUTTON)


def _envelope(arrival: Arrival, route: Route, mode: str) -> Json:
    return {
        "v": 1,
        "mode": mode,
        "route": route.name,
        "received_at_ms": int(arrival.at * 1000),
        "traceparent": arrival.traceparent,
        "interaction": arrival.interaction,
    }


def _callback(arrival: Arrival, answer: object) -> Json | None:
    if not isinstance(answer, dict) or not isinstance(answer.get("data"), dict):
        return None
    kind = answers.CALLBACK_OF_KIND.get(answer.get("kind", ""))
    if kind is None or (kind == answers.CHOICES) != (arrival.type == address.AUTOCOMPLETE):
        return None
    if kind == answers.UPDATE and arrival.interaction.get("message") is None:
        return None
    if kind == answers.MODAL and arrival.type == address.MODAL_SUBMIT:
        return None
    return {"type": kind, "data": answer["data"]}


def _write_line(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
