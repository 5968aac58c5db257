"""The end of an answer as the error that a door tells."""

from chat.dialects.failures import status_of
from providers.errors import ProviderError
from providers.events import Error, RunEvent


def failure_of(end: RunEvent | None) -> ProviderError:
    """The error that an end tells of."""
    if not isinstance(end, Error):
        return ProviderError("The answer was stopped.")
    error = ProviderError(end.message)
    error.code, error.retryable, error.status = end.code, end.retryable, status_of(end.code)
    return error
