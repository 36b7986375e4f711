"""The one tree of errors. Raised where the fact is known, turned into words once, at the edge."""

from __future__ import annotations


class DbsbmError(Exception):
    """Base of every error of ours.

    ``code`` is stable and documented; ``retryable`` says whether the same call may succeed later;
    ``retry_after_s`` is a hint in seconds, or None.
    """

    code = "internal"
    retryable = False

    def __init__(self, detail: str = "", *, retry_after_s: float | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retry_after_s = retry_after_s


class InputError(DbsbmError):
    """A person typed something we cannot take.

    The private answer names ``field``, repeats what was ``typed`` and shows an ``example`` that works.
    """

    code = "input"

    def __init__(self, field: str, typed: str, problem: str, example: str = "") -> None:
        super().__init__(f"{field}: {typed!r}: {problem}")
        self.field = field
        self.typed = typed
        self.problem = problem
        self.example = example


class NotAllowedError(DbsbmError):
    """The person lacks the right; ``detail`` says in words which role or permission would have it."""

    code = "not_allowed"


class NotFoundError(DbsbmError):
    """Missing, or another guild's: the two read the same."""

    code = "not_found"


class NotReadyError(DbsbmError):
    """The guild has not done a step this needs; ``detail`` names the step, e.g. ``/setup``."""

    code = "not_ready"


class WrongChannelError(NotReadyError):
    """The guild takes commands in other channels; ``detail`` names them."""

    code = "wrong_channel"


class ConflictError(DbsbmError):
    """Somebody else was first, or the thing moved on; ``detail`` says what it is now."""

    code = "conflict"


class DatabaseUnavailableError(DbsbmError):
    """The database refused, timed out or fails over. Nothing was stored."""

    code = "database_unavailable"
    retryable = True


class DiscordError(DbsbmError):
    """Discord answered with an error: ``status`` is the HTTP status, ``discord_code`` its JSON code (0 if none)."""

    code = "discord"

    def __init__(self, detail: str, *, status: int, discord_code: int = 0, retry_after_s: float | None = None) -> None:
        super().__init__(detail, retry_after_s=retry_after_s)
        self.status = status
        self.discord_code = discord_code


class DiscordUnavailableError(DiscordError):
    """429, 5xx, time-out or a broken connection: try again after ``retry_after_s``."""

    code = "discord_unavailable"
    retryable = True


class ProviderError(DbsbmError):
    """An odds, score or weather provider refused or answered nonsense."""

    code = "provider"


class ProviderUnavailableError(ProviderError):
    """A provider is slow, down or over its quota for now."""

    code = "provider_unavailable"
    retryable = True


class InvokeError(DbsbmError):
    """A function could not be invoked, or its invocation failed."""

    code = "invoke"
    retryable = True


class InvokeLateError(InvokeError):
    """The function did not answer within the time given; it may still be at work."""

    code = "invoke_late"


class SettingsError(DbsbmError):
    """A setting is missing or wrong; ``detail`` names the variable and what it must look like."""

    code = "settings"


class FlagsError(DbsbmError):
    """A document of flags cannot be used; ``detail`` names each value that is wrong and what it may be."""

    code = "flags"


class SwitchedOffError(DbsbmError):
    """An operator switched it off, for everybody or for this community; ``detail`` says why, in words for people."""

    code = "switched_off"

    def __init__(self, detail: str, *, partly: bool) -> None:
        super().__init__(detail)
        self.partly = partly


class RateLimitedError(DbsbmError):
    """More than a person, a community or an address may ask for; ``retry_after_s`` says when there is room again."""

    code = "rate_limited"
    retryable = True

    def __init__(self, who: str, *, retry_after_s: float, blocked: bool) -> None:
        super().__init__(who, retry_after_s=retry_after_s)
        self.blocked = blocked
