"""How a command is written: a definition beside a pure handler.

A handler gets a :class:`Context` and returns a :class:`Result`: what the person sees now, and outbox rows for what
else Discord must come to show. It calls nothing outside the database. ``routes.json`` and the registration body
are generated from what these decorators collect.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from random import Random
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from dbsbm.cache.cache import Cache
    from dbsbm.core.clock import Clock
    from dbsbm.core.ids import Ids
    from dbsbm.core.settings import Settings
    from dbsbm.database.session import Session
    from dbsbm.security.blind_index import BlindIndex
    from dbsbm.security.tokens import TokenBox

Type = type  # `type` is Discord's word for several fields below

Json = dict[str, Any]
Mode = Literal["inline", "deferred"]
Answers = Literal["message", "update", "modal"]
"""``modal``: the route opens one, so it cannot be deferred; when it is late the person is asked to press again."""
Kind = Literal["message", "update", "modal", "choices"]


class Who(StrEnum):
    """Who may use a route. Checked at every click by the runner, from the signed payload and the guild's settings."""

    ANYONE = "anyone"
    """Also outside a guild."""
    MEMBER = "member"
    CAPPER = "capper"
    GRADER = "grader"
    """Manage Guild, or the guild's admin role."""
    ADMIN = "admin"
    """Manage Guild, or the guild's admin role."""
    OPERATOR = "operator"
    """Named in the service's own settings, whatever they are in a guild; also outside one."""


class OptionType(StrEnum):
    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    USER = "user"
    CHANNEL = "channel"
    ROLE = "role"
    ATTACHMENT = "attachment"


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a slash command; limits as in Discord's "Application Command Option Structure"."""

    name: str
    description: str
    type: OptionType = OptionType.STRING
    required: bool = False
    choices: Sequence[tuple[str, str | int]] = ()
    autocomplete: bool = False
    min_value: float | None = None
    max_value: float | None = None
    max_length: int | None = None
    channel_types: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Image:
    """A picture to be rendered at delivery: ``attachment://<file>`` in the message refers to it."""

    file: str
    alt: str
    template: str
    view: Json

    def to_json(self) -> Json:
        return {"file": self.file, "alt": self.alt, "template": self.template, "view": self.view}


@dataclass(frozen=True, slots=True)
class Reply:
    """What the person sees now. ``data`` is the ``data`` of Discord's callback, without ``allowed_mentions``.

    Private always: the runner sets the EPHEMERAL flag on ``message``. ``images`` only on a deferred route.
    """

    kind: Kind
    data: Json
    images: Sequence[Image] = ()

    def to_json(self) -> Json:
        return {"v": 1, "kind": self.kind, "data": self.data, "images": [image.to_json() for image in self.images]}


OutboxKind = Literal[
    "slip.post",
    "message.post",
    "message.edit",
    "reply.edit",
    "direct.post",
    "channel.create",
    "channel.rename",
    "channel.delete",
    "role.set",
    "attachment.fetch",
    "import.work",
    "export.make",
    "setup.test",
]


@dataclass(frozen=True, slots=True)
class Post:
    """A desired state of something Discord shows; the exchange turns it into an outbox row and numbers it.

    ``target_key`` names the thing ("bet:<id>", "reply:<interaction id>", "draft:<id>"): of two rows for one target
    the later wins.
    ``target`` by kind:

    - ``slip.post``: ``{"channel_id", "username", "avatar_url"}`` – through the bot's webhook of that channel
    - ``message.post``: ``{"channel_id"}`` – as the bot
    - ``message.edit``: ``{}`` – edits the message that an earlier row of the same target_key posted
    - ``reply.edit``: ``{"application_id", "interaction_id", "token", "how": "edit_original"|"followup"}``; the token is
      encrypted before it is stored, and the row expires with it
    - ``direct.post``: ``{"user_id"}``
    - ``channel.create``: ``{}`` – makes a channel of the guild; ``data`` is Discord's body for it
    - ``channel.rename``, ``channel.delete``: ``{}`` – the channel that an earlier row of the same target_key made;
      ``data`` of a rename is ``{"name"}``
    - ``role.set``: ``{"user_id", "role_id", "held"}`` – gives only roles that a bot may hand out (``discord/roles.py``)
    - ``attachment.fetch``, ``import.work``: ``{"import_id", "application_id", "token", "reply_to", "locale"}``, the
      first with ``"url"`` – what delivery does for an import; the answer goes to the interaction ``reply_to``
    - ``export.make``: ``{"capper_id", "format", "since", "most", "application_id", "token", "reply_to", "locale"}`` –
      a file behind a link; answered likewise
    - ``setup.test``: ``{"slip_key", "post", …}`` – a ``slip.post`` once the bot has the rights, else an answer
    """

    kind: OutboxKind
    target_key: str
    target: Json
    data: Json
    images: Sequence[Image] = ()
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Result:
    reply: Reply
    outbox: Sequence[Post] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """Who sent the interaction, from the signed payload."""

    user_id: int
    name: str
    """Server nickname, global name or user name, in that order."""
    avatar_url: str
    role_ids: frozenset[int] = frozenset()
    permissions: int = 0
    locale: str = "en-US"


@dataclass(frozen=True, slots=True)
class Interaction:
    """The signed payload, read once. ``raw`` is the whole document for what is not lifted out."""

    id: int
    application_id: int
    token: str
    type: int
    guild_id: int | None
    channel_id: int | None
    person: Person
    options: Mapping[str, Any]
    """Slash options by name, subcommands flattened; for modals the fields by custom id."""
    focused: str | None
    """The option being completed, for autocomplete."""
    values: Sequence[str]
    """What a select chose."""
    message_id: int | None
    created_at: datetime
    """From the snowflake: the click's own time."""
    raw: Json = field(repr=False, default_factory=dict)


@dataclass(frozen=True, slots=True)
class Context:
    """All a handler may touch."""

    session: Session
    interaction: Interaction
    clock: Clock
    ids: Ids
    random: Random
    settings: Settings
    cache: Cache
    tokens: TokenBox
    index: BlindIndex

    @property
    def person(self) -> Person:
        return self.interaction.person


Handler = Callable[..., Result]
"""``handler(ctx)`` for commands, ``handler(ctx, *typed custom-id args)`` for components and modals."""
Completer = Callable[[Context, str], Sequence[tuple[str, str]]]
"""``completer(ctx, typed) -> (name shown, value sent)``, at most 25."""


@dataclass(frozen=True, slots=True)
class CommandRoute:
    name: str
    """"bet", or with a subcommand "capper add"."""
    description: str
    options: Sequence[Option]
    who: Who
    mode: Mode
    function: str
    handler: Handler
    answers: Answers = "message"
    on_message: bool = False
    """A command of a message's context menu: its name may have blanks, it has neither description nor options."""


@dataclass(frozen=True, slots=True)
class ComponentRoute:
    name: str
    args: Sequence[Type]
    """Types of the custom id's arguments: ``int`` (an id, base 32 on the wire), ``str``, or a StrEnum."""
    who: Who
    mode: Mode
    answers: Answers
    function: str
    handler: Handler


@dataclass(frozen=True, slots=True)
class ModalRoute:
    name: str
    args: Sequence[Type]
    who: Who
    mode: Mode
    answers: Answers
    function: str
    handler: Handler


@dataclass(frozen=True, slots=True)
class AutocompleteRoute:
    command: str
    option: str
    function: str
    handler: Completer


@dataclass(slots=True)
class Registry:
    """What the decorators collected."""

    commands: dict[str, CommandRoute] = field(default_factory=dict)
    components: dict[str, ComponentRoute] = field(default_factory=dict)
    modals: dict[str, ModalRoute] = field(default_factory=dict)
    autocompletes: dict[tuple[str, str], AutocompleteRoute] = field(default_factory=dict)
    static_modals: dict[str, Json] = field(default_factory=dict)


REGISTRY = Registry()


def _add(table: dict[Any, Any], key: Any, route: Any) -> None:
    if key in table:
        raise ValueError(f"route defined twice: {key}")
    table[key] = route


def command(
    name: str,
    description: str,
    *,
    who: Who,
    function: str,
    options: Sequence[Option] = (),
    mode: Mode = "inline",
    answers: Answers = "message",
) -> Callable[[Handler], Handler]:
    """Define a slash command, or a subcommand as ``"capper add"``."""

    def add(handler: Handler) -> Handler:
        route = CommandRoute(name, description, tuple(options), who, mode, function, handler, answers=answers)
        _add(REGISTRY.commands, name, route)
        return handler

    return add


def message_command(
    name: str, *, who: Who, function: str, mode: Mode = "inline", answers: Answers = "message"
) -> Callable[[Handler], Handler]:
    """Define a command of a message's context menu, "Log as bet"."""

    def add(handler: Handler) -> Handler:
        route = CommandRoute(name, "", (), who, mode, function, handler, answers=answers, on_message=True)
        _add(REGISTRY.commands, name, route)
        return handler

    return add


def component(
    name: str,
    *,
    who: Who,
    function: str,
    args: Sequence[Type] = (),
    mode: Mode = "inline",
    answers: Answers = "update",
) -> Callable[[Handler], Handler]:
    """Define what a button or select does; its custom id is ``v1:<name>:<arg>…``."""

    def add(handler: Handler) -> Handler:
        _add(REGISTRY.components, name, ComponentRoute(name, tuple(args), who, mode, answers, function, handler))
        return handler

    return add


def modal(
    name: str,
    *,
    who: Who,
    function: str,
    args: Sequence[Type] = (),
    mode: Mode = "inline",
    answers: Answers = "message",
) -> Callable[[Handler], Handler]:
    """Define what a submitted modal does."""

    def add(handler: Handler) -> Handler:
        _add(REGISTRY.modals, name, ModalRoute(name, tuple(args), who, mode, answers, function, handler))
        return handler

    return add


def autocomplete(command_name: str, option: str, *, function: str) -> Callable[[Completer], Completer]:
    """Define the choices offered while an option is typed."""

    def add(completer: Completer) -> Completer:
        _add(
            REGISTRY.autocompletes,
            (command_name, option),
            AutocompleteRoute(command_name, option, function, completer),
        )
        return completer

    return add


def static_modal(name: str, data: Json) -> None:
    """Define a button that opens the same modal for everybody: the front door answers it, no function is asked."""
    _add(REGISTRY.static_modals, name, data)
