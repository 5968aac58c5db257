"""The REST edge: every error as `{"error": {"code", "message", "field"?, …}}`."""

from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response

from chat.errors import ChatError, Forbidden, NotFound, NotSignedIn, TooLarge
from chat.metrics import REFUSALS
from providers.errors import ProviderError

_CODES = {
    exceptions.MethodNotAllowed: "method_not_allowed",
    exceptions.NotAcceptable: "not_acceptable",
    exceptions.UnsupportedMediaType: "unsupported_media_type",
    exceptions.Throttled: "rate_limited",
    exceptions.ParseError: "bad_json",
}
_TOLD = {
    "unknown_field",
    "key_needed",
    "agent_circle",
}  # codes of a field's error that a program may want to tell apart


def render_error(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER. What is not known here goes on to the page middleware as a 500."""
    shown = _as_chat_error(error)
    if shown is not None:
        REFUSALS.labels(shown.code).inc()
        wait = shown.details.get("retry_after")
        headers = {} if wait is None else {"Retry-After": str(wait)}
        return Response({"error": shown.as_json()}, status=shown.status, headers=headers)
    if isinstance(error, ProviderError):
        return _response(error.status, error.code, error.message)
    if isinstance(error, exceptions.ValidationError):
        field, message = _first(error.detail)
        code = message.code if message.code in _TOLD else "invalid"
        return _response(400, code, message, field=field)
    if isinstance(error, exceptions.APIException):
        return _response(error.status_code, _CODES.get(type(error), "error"), str(error.detail))
    return None


def _as_chat_error(error: Exception) -> ChatError | None:
    if isinstance(error, ChatError):
        return error
    if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        return NotSignedIn()
    if isinstance(error, exceptions.PermissionDenied | PermissionDenied):
        return Forbidden()
    if isinstance(error, Http404):
        return NotFound()
    return TooLarge() if isinstance(error, RequestDataTooBig) else None


def _response(status: int, code: str, message: str, **more: str) -> Response:
    return Response(
        {"error": {"code": code, "message": message, **{k: v for k, v in more.items() if v}}}, status
    )


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
