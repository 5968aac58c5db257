"""The edge of the gateway's doors: who calls, what the body says, and errors in the door's own words.

Only API keys are let in here, never cookies: a page elsewhere cannot make a browser spend somebody's tokens.
"""

import asyncio
import logging
import math
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Final, Protocol, TypeVar

import msgspec
import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from chat import logs
from chat.authentication import key_of, operator_of, require_page_token, require_scope
from chat.commands import place_of, refuse_nul
from chat.db import in_database
from chat.dialects import anthropic, openai_chat
from chat.errors import ChatError, Invalid, MethodNotAllowed, NotSignedIn, TooLarge
from chat.guard import Caller, caller_of
from chat.metrics import REFUSALS
from chat.middleware import AWAY, away
from providers.errors import ProviderError, ProviderRefused

logger = logging.getLogger(__name__)

MAX_BODY: Final = 32 * 1024 * 1024  # bytes; images and files come inside
_BAD_REQUEST: Final = (400, 413, 422)  # an upstream's words for a request that is wrong

LONGEST_WAIT: Final = 60.0  # seconds until a limit resets, that a client may sit out
_ASKED_AGAIN: Final = (408, 409, 429, *range(500, 600))  # by the vendors' SDKs, twice, unless they are told

View = Callable[..., Coroutine[Any, Any, HttpResponseBase]]
_T = TypeVar("_T")


class Shape(Protocol):
    """How a door writes an error, and in which header it names the request."""

    request_header: str

    def body(
        self, *, status: int, code: str, message: str, param: str, request_id: str
    ) -> dict[str, Any] | str: ...


class OpenAIShape:
    request_header = "x-request-id"

    def body(self, *, status: int, code: str, message: str, param: str, request_id: str) -> dict[str, Any]:
        return {"error": openai_chat.error_json(status, _OPENAI_CODES.get(code, code), message, param)}


class AnthropicShape:
    request_header = "request-id"

    def body(self, *, status: int, code: str, message: str, param: str, request_id: str) -> dict[str, Any]:
        told = f"{param}: {message}" if param else message
        return {**anthropic.error_json(status, told), "request_id": request_id}


class OwnShape:
    """Ours, for the doors below `/api/`."""

    request_header = "x-request-id"

    def body(self, *, status: int, code: str, message: str, param: str, request_id: str) -> dict[str, Any]:
        named = {"field": param} if param else {}
        return {"error": {"code": code, "message": message, **named, "request_id": request_id}}


class TextShape:
    """The sentence alone: the AI SDK shows the body as it is."""

    request_header = "x-request-id"

    def body(self, *, status: int, code: str, message: str, param: str, request_id: str) -> str:
        return f"{param}: {message}" if param else message


OWN: Final = OwnShape()
TEXT: Final = TextShape()
OPENAI: Final = OpenAIShape()
ANTHROPIC: Final = AnthropicShape()
_OPENAI_CODES: Final = {
    "not_signed_in": "invalid_api_key",
    "unknown_provider": "model_not_found",
    "provider_rate_limited": "rate_limit_exceeded",
    "invalid": "invalid_value",
}


def door(
    shape: Shape, *methods: str, admit: Callable[[HttpRequest], Caller] | None = None, scope: str = ""
) -> Callable[[View], View]:
    """An async view of a gateway door: gets the caller beside the request, and may raise our errors. A key
    has to have the scope: `read` for GET and `chat` for the rest, unless told otherwise."""
    admit = admit or key_caller

    def decorate(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        async def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            request_id = logs.request_id.get() or logs.begin_request()
            try:
                _check_method(request, methods)
                caller = await in_database(admit, request)
                require_scope(caller.user, scope or ("read" if request.method == "GET" else "chat"))
                response = await view(request, caller, *args, **kwargs)
            except asyncio.CancelledError:
                raise
            except AWAY as error:
                response = error_response(shape, away(error), request_id)
            except Exception as error:
                response = error_response(shape, error, request_id)
            response[shape.request_header] = request_id
            return response

        return answer

    return decorate


def key_caller(request: HttpRequest) -> Caller:
    """Raises NotSignedIn."""
    if not key_of(request):
        raise NotSignedIn("Send an API key: Authorization: Bearer KEY, or x-api-key: KEY.")
    return caller_of(request)


def any_caller(request: HttpRequest) -> Caller:
    """By key, or by cookie with the CSRF token on writes. Raises NotSignedIn and Forbidden."""
    caller = caller_of(request)
    if not key_of(request) and request.method not in ("GET", "HEAD"):
        require_page_token(request)
    return caller


def any_operator(request: HttpRequest) -> Caller:
    """The same, who must be staff. Raises NotSignedIn and Forbidden."""
    caller = any_caller(request)
    operator_of(request)
    return caller


def json_response(value: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(value), status=status, content_type="application/json")


def error_response(shape: Shape, error: Exception, request_id: str) -> HttpResponse:
    status, code, message = status_of(error), _code_of(error), _message_of(error)
    REFUSALS.labels(code).inc()
    if status == 500:
        logger.error("gateway: %s failed", request_id, exc_info=error)
    param = getattr(error, "field", "")
    body = shape.body(status=status, code=code, message=message, param=param, request_id=request_id)
    plain = isinstance(body, str)
    response = HttpResponse(
        body if plain else orjson.dumps(body),
        status=status,
        content_type="text/plain; charset=utf-8" if plain else "application/json",
    )
    if isinstance(error, MethodNotAllowed):
        response["Allow"] = error.headers["Allow"]
    wait = _retry_after(error)
    if wait is not None:
        response["Retry-After"] = str(math.ceil(wait))
    if status in _ASKED_AGAIN and not _worth_another(error):
        response["x-should-retry"] = "false"
    return response


def status_of(error: Exception) -> int:
    """What the upstream found wrong with the request is the caller's to mend, unlike a refusal of our key."""
    if isinstance(error, ProviderRefused) and error.upstream_status in _BAD_REQUEST:
        return 400
    return error.status if isinstance(error, ChatError | ProviderError) else 500


def body_of(request: HttpRequest, decoder: "msgspec.json.Decoder[_T]") -> _T:
    """Fields that nobody knows are passed over, as the real servers do. Raises Invalid and TooLarge."""
    return decode(raw_body(request), decoder)


def raw_body(request: HttpRequest) -> bytes:
    body = request.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        raise TooLarge
    if b"\0" in body or b"\\u0000" in body:
        refuse_nul(body.decode("utf-8", "replace"))
    return body


def decode(body: bytes, decoder: "msgspec.json.Decoder[_T]") -> _T:
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise invalid(error) from None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise Invalid("The body is not valid JSON.", code="bad_json") from None


def invalid(error: msgspec.ValidationError) -> Invalid:
    message, field = place_of(error)
    return Invalid(message, field=field)


def _check_method(request: HttpRequest, methods: tuple[str, ...]) -> None:
    if request.method not in methods:
        raise MethodNotAllowed(allowed=methods)


def _code_of(error: Exception) -> str:
    return error.code if isinstance(error, ChatError | ProviderError) else "internal_error"


def _message_of(error: Exception) -> str:
    if isinstance(error, ChatError | ProviderError):
        return str(error.message)
    return "Something went wrong on this server."


def _worth_another(error: Exception) -> bool:
    """Soon, and the same request. What failed here itself may have been paid for."""
    if isinstance(error, ProviderError):
        return error.retryable
    soon = (_retry_after(error) or math.inf) <= LONGEST_WAIT
    return isinstance(error, ChatError) and soon


def _retry_after(error: Exception) -> float | None:
    if isinstance(error, ProviderError):
        return error.retry_after or (1.0 if error.status in (429, 503) else None)
    if isinstance(error, ChatError) and error.status in (429, 503):
        return float(error.details.get("retry_after", 1.0))
    return None
