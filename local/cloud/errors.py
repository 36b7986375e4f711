"""What the local cloud answers when it cannot do what was asked."""

from __future__ import annotations

from typing import Any


class CloudError(Exception):
    """Base of the local cloud's own errors."""


class ThrottledError(CloudError):
    """Every process the function may have is at work (``TooManyRequestsException``)."""


class TooLargeError(CloudError):
    """The event exceeds what Lambda takes (``RequestTooLargeException``)."""


class ExpressionError(CloudError):
    """A schedule expression that EventBridge Scheduler would refuse."""


class FunctionError(CloudError):
    """A function failed: its own exception, a crash, or a timeout. ``payload`` is what Lambda answers."""

    def __init__(self, function: str, payload: Any) -> None:
        document = payload if isinstance(payload, dict) else {}
        self.error_type = str(document.get("errorType", ""))
        self.message = str(document.get("errorMessage", ""))
        self.payload = payload
        super().__init__(f"{function}: {self.error_type}: {self.message}")


class StartError(CloudError):
    """A server of the local cloud did not start."""
