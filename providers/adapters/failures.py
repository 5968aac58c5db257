"""A vendor's failures as ours: HTTP statuses, words in an error object, and what the SDKs raise.

What the vendor wrote goes into `detail`, for the log; the sentences that people read are our own.
"""

import json
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from typing import Any, Final

import anyio
import httpx2

from providers import errors

_DETAIL_LENGTH: Final = 2000  # characters of the vendor's text that are worth a log line

_BY_WORD: Final[dict[str, type[errors.ProviderError]]] = {
    "invalid_api_key": errors.ProviderKeyRejected,
    "authentication_error": errors.ProviderKeyRejected,
    "permission_error": errors.ProviderKeyRejected,
    "model_not_found": errors.ModelNotFound,
    "not_found_error": errors.ModelNotFound,
    "rate_limit_exceeded": errors.ProviderRateLimited,
    "rate_limit_error": errors.ProviderRateLimited,
    "invalid_request_error": errors.ProviderRefused,
    "context_length_exceeded": errors.ContextTooLong,
    "timeout_error": errors.ProviderTimeout,
}


class PlainHttp:
    """The names that an SDK has for its errors, for adapters that have no SDK."""

    APIStatusError = httpx2.HTTPStatusError
    APITimeoutError = httpx2.TimeoutException
    APIConnectionError = httpx2.TransportError
    APIError = httpx2.HTTPError


@contextmanager
def failures_of(provider: str, sdk: Any = PlainHttp) -> Iterator[None]:
    """Turns what is raised inside into a ProviderError that names the provider."""
    try:
        yield
    except errors.ProviderError as error:
        error.provider = error.provider or provider
        raise
    except (sdk.APIStatusError, httpx2.HTTPStatusError) as error:
        raise _refused(error.response, provider) from error
    except (sdk.APITimeoutError, TimeoutError, httpx2.TimeoutException) as error:
        raise errors.ProviderTimeout(provider=provider, detail=_short(repr(error))) from error
    except (sdk.APIConnectionError, httpx2.TransportError, ssl.SSLError, anyio.EndOfStream) as error:
        if isinstance(error.__cause__, errors.ProviderError):  # of our own transport, wrapped by the SDK
            error.__cause__.provider = provider
            raise error.__cause__ from error
        detail = _short(repr(error.__cause__ or error))
        raise errors.ProviderUnreachable(provider=provider, detail=detail) from error
    except (sdk.APIError, httpx2.HTTPError, httpx2.InvalidURL, UnicodeEncodeError) as error:
        raise errors.ProviderFailed(provider=provider, detail=_short(repr(error))) from error


def _refused(response: httpx2.Response, provider: str) -> errors.ProviderError:
    kind = errors.error_for_status(response.status_code)
    if kind is errors.ProviderRefused:  # of a 400 the body says what it is
        kind = _by_word(_error_in(response.text)) or kind
    return kind(
        provider=provider,
        upstream_status=response.status_code,
        retry_after=retry_after(response.headers),
        detail=_short(response.text),
    )


def told_failure(said: Any) -> errors.ProviderError:
    """The error that a stream tells of: an object with `type`, `code` and `message`, a string or anything."""
    fields: Mapping[str, Any] = said if isinstance(said, dict) else {}
    code = fields.get("code")
    if isinstance(code, int) and 400 <= code <= 599:
        return errors.error_for_status(code)(upstream_status=code, detail=_short(repr(said)))
    kind = _by_word(fields) or errors.ProviderFailed
    return kind(detail=_short(repr(said)))


def _error_in(body: str) -> Mapping[str, Any]:
    """The object `error` of a refusal's body; empty where there is none."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    error = told.get("error") if isinstance(told, dict) else None
    return error if isinstance(error, dict) else {}


def _by_word(fields: Mapping[str, Any]) -> type[errors.ProviderError] | None:
    words = (str(fields.get(name)) for name in ("code", "type"))
    return next((_BY_WORD[word] for word in words if word in _BY_WORD), None)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, from `retry-after-ms` or `retry-after` (a number or a date); None where it is not told."""
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("retry-after", "")
    seconds = _number(value)
    return seconds if seconds is not None else _seconds_until(value)


def _number(value: str) -> float | None:
    return float(value) if value.replace(".", "", 1).isdecimal() else None


def _seconds_until(date: str) -> float | None:
    try:
        return max(0.0, parsedate_to_datetime(date).timestamp() - time.time())
    except ValueError:
        return None


def _short(detail: str) -> str:
    return detail[:_DETAIL_LENGTH]
