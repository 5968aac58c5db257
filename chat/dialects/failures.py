"""Our error codes in the words of other doors.

Status codes are those of the error trees (`providers/errors.py`, `chat/errors.py`); an error event has only
its code, so the tree of a code is looked up here.
"""

from collections.abc import Iterator
from typing import Final

from providers.errors import ProviderError

_OPENAI: Final = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "invalid_request_error",
    409: "invalid_request_error",
    410: "invalid_request_error",
    413: "invalid_request_error",
    429: "rate_limit_error",
}
_ANTHROPIC: Final = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    409: "invalid_request_error",
    410: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
    529: "overloaded_error",
}


def openai_type(status: int) -> str:
    return _OPENAI.get(status, "server_error" if status >= 500 else "invalid_request_error")


def anthropic_type(status: int) -> str:
    return _ANTHROPIC.get(status, "api_error" if status >= 500 else "invalid_request_error")


def status_of(code: str) -> int:
    """The HTTP status that an error event would have had, 500 for codes that no tree knows."""
    return _STATUS.get(code, 500)


def _tree(kind: type[ProviderError]) -> Iterator[type[ProviderError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _tree(child)


_STATUS: Final = {kind.code: kind.status for kind in _tree(ProviderError)}
