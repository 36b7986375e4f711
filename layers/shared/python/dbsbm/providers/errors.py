"""What a provider can do wrong, each with a type of its own."""

from __future__ import annotations

from dbsbm.core.errors import ProviderError, ProviderUnavailableError


class ProviderKeyError(ProviderError):
    """The key is missing, unknown or switched off: nothing works until the operator puts in another."""

    code = "provider_key"


class ProviderQuotaError(ProviderUnavailableError):
    """The month's credits are used up."""

    code = "provider_quota"


class ProviderRateError(ProviderUnavailableError):
    """Too many requests in too short a time."""

    code = "provider_rate"


class ProviderNotFoundError(ProviderError):
    """The provider does not know the sport or game asked for."""

    code = "provider_not_found"


class ProviderRequestError(ProviderError):
    """The provider refuses our parameters: a fault of ours."""

    code = "provider_request"


class ProviderDocumentError(ProviderError):
    """A document, or one entry of it, that cannot be read; ``detail`` says which and what is wrong with it."""

    code = "provider_document"
