"""The REST edge: what REST framework and Django raise, in our words."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response

from chat.errors import ChatError, Forbidden, Invalid, NotFound, NotSignedIn, TooLarge, error_of
from chat.refusals import refusal_json
from providers.errors import ProviderError

_CODES = {
    exceptions.MethodNotAllowed: "method_not_allowed",
    exceptions.NotAcceptable: "not_acceptable",
    exceptions.UnsupportedMediaType: "unsupported_media_type",
    exceptions.Throttled: "rate_limited",
    exceptions.ParseError: "bad_json",
}
_SAME: Mapping[type[Exception], type[ChatError]] = {
    exceptions.NotAuthenticated: NotSignedIn,
    exceptions.AuthenticationFailed: NotSignedIn,
    exceptions.PermissionDenied: Forbidden,
    PermissionDenied: Forbidden,
    exceptions.NotFound: NotFound,
    Http404: NotFound,
    RequestDataTooBig: TooLarge,
}
_TOLD = {
    "unknown_field",
    "key_needed",
    "agent_circle",
}  # codes of a field's error that a program may want to tell apart


def render_error(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER. What is not known here goes on to the page middleware as a 500."""
    shown = _as_chat_error(error)
    if shown is None:
        return None
    return Response(refusal_json(shown), status=shown.status, headers=shown.headers)


def _as_chat_error(error: Exception) -> ChatError | None:
    if isinstance(error, ChatError):
        return error
    if isinstance(error, ProviderError):
        return error_of(error.status, error.code, error.message)
    if isinstance(error, exceptions.ValidationError):
        return _invalid(error)
    if ours := next((ours for theirs, ours in _SAME.items() if isinstance(error, theirs)), None):
        return ours()
    if isinstance(error, exceptions.APIException):
        return error_of(error.status_code, _CODES.get(type(error), "error"), str(error.detail))
    return None


def _invalid(error: exceptions.ValidationError) -> Invalid:
    field, message = _first(error.detail)
    code = message.code if message.code in _TOLD else "invalid"
    return Invalid(message, code=code, field=field)


def _first(detail: Any, field: str = "") -> tuple[str, exceptions.ErrorDetail]:
    """The first field that is wrong (`models.0.name` for one further in), and what is wrong with it."""
    if isinstance(detail, dict):
        name, value = next((name, value) for name, value in detail.items() if value)
        return _first(value, field if name == "non_field_errors" else f"{field}.{name}".strip("."))
    if isinstance(detail, list):
        place = next(index for index, value in enumerate(detail) if value)
        nested = isinstance(detail[place], dict | list)
        return _first(detail[place], f"{field}.{place}".strip(".") if nested else field)
    return field, detail
