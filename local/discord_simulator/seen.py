"""What a person sees after doing something, read from the state whenever it is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dbsbm.core.http import HttpRequest, HttpResponse
from dbsbm.discord.limits_components import BUTTON, LINK, PREMIUM, SELECTS, STRING_SELECT, walk
from local.discord_simulator import gateway, modals, objects, transcript
from local.discord_simulator.errors import ClientRefusalError
from local.discord_simulator.options import Resolved
from local.discord_simulator.state import LOADING, Exchange, File, Json, Message

if TYPE_CHECKING:
    from local.discord_simulator.person import Person

FAILED = "This interaction failed"
NO_ANSWER = "The application did not respond"
THINKING = "DBSBM is thinking…"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it shows: its file, its address and its alternative text."""

    filename: str
    url: str
    alt: str | None
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Seen:
    """The result of a verb, or a message in a channel. Deferred replies arrive later: ask again then."""

    person: Person
    exchange_id: int | None = None
    about: int | None = None
    """The message it is about, when no interaction led to it."""
    request: HttpRequest | None = None
    """What was sent (or held back)."""
    responses: Sequence[HttpResponse] = ()

    # --- what there is ------------------------------------------------------------------------------------------

    @property
    def exchange(self) -> Exchange | None:
        if self.exchange_id is None:
            return None
        exchange = self.person.simulator.state.exchanges[self.exchange_id]
        gateway.expire(self.person.simulator, exchange)
        return exchange

    @property
    def message(self) -> Message | None:
        """The reply, the message that was changed, or the follow-up after a silent deferral."""
        state = self.person.simulator.state
        if self.about is not None:
            return state.message(self.about)
        exchange = self.exchange
        if exchange is None:
            return None
        if exchange.callback_type == 6 and exchange.followup_ids:
            return state.message(exchange.followup_ids[-1])
        return state.message(exchange.original_message_id) if exchange.original_message_id else None

    @property
    def message_id(self) -> int:
        """Raises ClientRefusalError when there is no message."""
        return self._shown().id

    @property
    def failed(self) -> bool:
        exchange = self.exchange
        return exchange is not None and exchange.status == "failed"

    @property
    def thinking(self) -> bool:
        message = self.message
        return message is not None and bool(message.flags & LOADING)

    @property
    def private(self) -> bool:
        """Only this person sees it."""
        message = self.message
        return message is not None and message.private_to == self.person.user_id

    @property
    def text(self) -> str:
        """All words from top to bottom, or what Discord says in their place."""
        exchange = self.exchange
        if exchange is not None and exchange.status == "failed":
            return NO_ANSWER if exchange.type == 2 else FAILED
        if self.thinking:
            return THINKING
        message = self.message
        return transcript.words(message) if message else ""

    @property
    def author(self) -> str:
        """The name it goes out under."""
        author = self._shown().author
        return str(author.get("global_name") or author["username"])

    @property
    def avatar_url(self) -> str | None:
        return self._shown().author.get("avatar_url")

    @property
    def components(self) -> list[Json]:
        message = self.message
        return objects.message(self.person.simulator, message)["components"] if message else []

    @property
    def embeds(self) -> list[Json]:
        message = self.message
        return objects.message(self.person.simulator, message)["embeds"] if message else []

    @property
    def buttons(self) -> list[str]:
        """Labels of the buttons that can be pressed."""
        return [_label(found) for found in self._controls((BUTTON,)) if not found.get("disabled")]

    @property
    def selects(self) -> list[Json]:
        """The selects, as components."""
        return self._controls(SELECTS)

    @property
    def images(self) -> list[Picture]:
        """The pictures it shows: through components, embeds, or as plain attachments."""
        message = self.message
        if message is None:
            return []
        shown = dict(_references(message.components)) | dict(_references(message.embeds))
        if not message.flags & 1 << 15:
            shown = {file.filename: file.description for file in message.files} | shown
        return [self._picture(file, shown[file.filename]) for file in message.files if file.filename in shown]

    @property
    def pinged_roles(self) -> list[int]:
        return list(self._shown().pinged_roles)

    @property
    def pinged_users(self) -> list[int]:
        return list(self._shown().pinged_users)

    @property
    def modal(self) -> modals.Modal | None:
        exchange = self.exchange
        return modals.Modal(exchange.modal) if exchange and exchange.modal else None

    @property
    def followups(self) -> list[Seen]:
        """Further messages to this interaction that the person sees."""
        exchange = self.exchange
        found = [self.person.simulator.state.message(number) for number in exchange.followup_ids] if exchange else []
        me = self.person.user_id
        return [Seen(self.person, about=item.id) for item in found if item and item.private_to in (None, me)]

    # --- what can be done with it -------------------------------------------------------------------------------

    def by(self, person: Person) -> Seen:
        """The same message before another person's eyes.

        Raises
        ------
        ClientRefusalError
            When they do not see it.
        """
        return Seen(person, about=person.visible(self.message_id).id)

    def click(self, label: str) -> Seen:
        """Press the button with this label or custom id.

        Raises
        ------
        ClientRefusalError
            When there is no such button, or it cannot be pressed.
        """
        message = self._shown()
        button = _find(self._controls((BUTTON,)), label, "button")
        if button.get("disabled"):
            raise ClientRefusalError(f"button {label!r} is disabled")
        if button["style"] >= LINK:
            raise ClientRefusalError(f"button {label!r} sends no interaction")
        data = {"custom_id": button["custom_id"], "component_type": BUTTON, "id": button["id"]}
        return self.person.use_component(message.id, data)

    def select(self, which: str, *chosen: Any) -> Seen:
        """Choose in the select with this placeholder or custom id: labels or values, people, roles, channels.

        Raises
        ------
        ClientRefusalError
            When there is no such select or choice, or too few or too many are chosen.
        """
        message = self._shown()
        select = _find(self._controls(SELECTS), which, "select")
        if select.get("disabled"):
            raise ClientRefusalError(f"select {which!r} is disabled")
        resolved = Resolved()
        values = modals.chosen_values(self.person, select, chosen, resolved)
        data: Json = {
            "custom_id": select["custom_id"],
            "component_type": select["type"],
            "id": select["id"],
            "values": values,
        }
        if select["type"] != STRING_SELECT:
            data["resolved"] = resolved.document()
        return self.person.use_component(message.id, data)

    def buy(self, sku_id: int | None = None) -> Json:
        """Press Discord's premium button, of that SKU or the only one, and pay; the entitlement.

        Raises
        ------
        ClientRefusalError
            When there is no such button, or several and none is named.
        """
        offered = [int(found["sku_id"]) for found in self._controls((BUTTON,)) if found["style"] == PREMIUM]
        wanted = offered if sku_id is None else [sku for sku in offered if sku == sku_id]
        if len(wanted) != 1:
            raise ClientRefusalError(f"premium buttons there are: {offered or 'none'}")
        return self.person.buy(wanted[0])

    def submit_modal(self, fields: Mapping[str, Any] | None = None, /, **more: Any) -> Seen:
        """Fill in the open modal, by label or custom id, and send it.

        Raises
        ------
        ClientRefusalError
            When none is open, or the client would not send it.
        """
        exchange = self.exchange
        if exchange is None or exchange.modal is None:
            raise ClientRefusalError("no modal is open")
        data = modals.submission(self.person, exchange.modal, {**(fields or {}), **more})
        return self.person.submit(exchange, data)

    # --- inside -------------------------------------------------------------------------------------------------

    def _shown(self) -> Message:
        message = self.message
        if message is None:
            raise ClientRefusalError(f"there is no message: {self.text or 'nothing was answered'}")
        return message

    def _controls(self, types: Sequence[int]) -> list[Json]:
        message = self.message
        return [found for _, found in walk(message.components) if found["type"] in types] if message else []

    def _picture(self, file: File, alt: str | None) -> Picture:
        simulator = self.person.simulator
        return Picture(
            file.filename, simulator.cdn.url(file, simulator.clock.now()), alt or file.description, file.data
        )


def _label(control: Json) -> str:
    emoji = (control.get("emoji") or {}).get("name") or ""
    own = control.get("custom_id") or f"sku {control.get('sku_id', '')}".strip()
    return str(control.get("label") or control.get("placeholder") or emoji or own)


def _find(controls: list[Json], wanted: str, what: str) -> Json:
    for control in controls:
        if wanted in (control.get("label"), control.get("placeholder"), control.get("custom_id"), _label(control)):
            return control
    there = ", ".join(repr(_label(control)) for control in controls) or "none"
    raise ClientRefusalError(f"no {what} {wanted!r}; there are {there}")


def _references(value: Any) -> list[tuple[str, str | None]]:
    """File names behind ``attachment://`` with the description beside them."""
    if isinstance(value, list):
        return [pair for item in value for pair in _references(item)]
    if not isinstance(value, dict):
        return []
    found = []
    for key in ("media", "file", "image", "thumbnail"):
        url = value[key].get("url", "") if isinstance(value.get(key), dict) else ""
        if url.startswith("attachment://"):
            found.append((url.removeprefix("attachment://"), value.get("description")))
    return found + [pair for item in value.values() for pair in _references(item)]
