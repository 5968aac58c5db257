"""The page edge: an error becomes a page for people and JSON for programs. Never a traceback."""

import logging
import time
from typing import Any, Final

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext
from redis.exceptions import RedisError
from requests.exceptions import RequestException

from chat.budgets.left import HEADER, Left, listen
from chat.db import AWAY as DATABASE_AWAY
from chat.errors import ChatError, NotFound, Unavailable
from chat.logs import begin_request, request_id
from chat.metrics import REFUSALS, REQUEST_SECONDS, REQUESTS

logger = logging.getLogger(__name__)
requests = logging.getLogger("chat.requests")

REQUEST_ID: Final = "X-Request-ID"
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
QUIET_ROUTES: Final = frozenset({"/healthz", "/readyz", "/metrics"})  # asked every few seconds, by programs

AWAY = (*DATABASE_AWAY, RedisError, RequestException)  # the last: a server that people sign in at


class Around:
    """What stands around a response, awaited or not, as what is behind it is."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        raise NotImplementedError


class RequestLog(Around):
    """A name for every request, in its lines of the log and in its answer; one line and a count at its end.

    Told by its route, never by its path: that may hold a token.
    """

    def __call__(self, request: HttpRequest) -> Any:
        name, started = begin_request(request.headers.get(REQUEST_ID, "")), time.monotonic()
        if iscoroutinefunction(self):
            return self._answered(request, name, started)
        return _told(request, self.get_response(request), name, started)

    async def _answered(self, request: HttpRequest, name: str, started: float) -> HttpResponseBase:
        return _told(request, await self.get_response(request), name, started)


def _told(request: HttpRequest, response: HttpResponseBase, name: str, started: float) -> HttpResponseBase:
    response.headers.setdefault(REQUEST_ID, name)
    seconds = time.monotonic() - started
    route, method = _route(request), request.method if request.method in METHODS else "other"
    REQUESTS.labels(method, route, response.status_code).inc()
    REQUEST_SECONDS.labels(method).observe(seconds)
    fields = {
        "method": method,
        "route": route,
        "status": response.status_code,
        "ms": round(seconds * 1000, 1),
    }
    level = logging.DEBUG if route in QUIET_ROUTES else logging.INFO
    requests.log(level, "request", extra={"fields": fields})
    return response


def _route(request: HttpRequest) -> str:
    match = request.resolver_match
    return f"/{match.route}" if match else "none"


class ErrorPages(Around):
    def __call__(self, request: HttpRequest) -> Any:
        return self.get_response(request)

    async def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        """Nothing here has a NUL in its name, and PostgreSQL fails at the very question."""
        return error_response(request, NotFound()) if "\0" in request.path else None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, ChatError):
            return error_response(request, error)
        if isinstance(error, AWAY):
            return error_response(request, away(error))
        return None


class BudgetHeaders(Around):
    """What an answer's budgets leave, in a header for each."""

    def __call__(self, request: HttpRequest) -> Any:
        taken = listen()
        if iscoroutinefunction(self):
            return self._answered(request, taken)
        return _with_budgets(self.get_response(request), taken)

    async def _answered(self, request: HttpRequest, taken: list[Left]) -> HttpResponseBase:
        return _with_budgets(await self.get_response(request), taken)


def _with_budgets(response: HttpResponseBase, taken: list[Left]) -> HttpResponseBase:
    if taken:
        response[HEADER] = ", ".join(left.as_header() for left in taken)
    return response


def away(error: Exception) -> Unavailable:
    """What somebody hears while the database or Redis is not there, or takes nothing."""
    logger.error("refused: %s", error)
    REFUSALS.labels(Unavailable.code).inc()
    return Unavailable()


def error_response(request: HttpRequest, error: ChatError) -> HttpResponse:
    name = request_id.get()
    if request.path.startswith("/api/") or not wants_page(request):
        return JsonResponse({"error": {**error.as_json(), "request_id": name}}, status=error.status)
    context = {"status": error.status, "message": error.message, "request_id": name}
    return render(request, "error.html", context, status=error.status)


def wants_page(request: HttpRequest) -> bool:
    """Browsers say that they take HTML; programs say nothing or anything."""
    return "text/html" in request.headers.get("Accept", "")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(request, _error(404, "not_found", "There is nothing here."))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(request, _error(400, "bad_request", "The request is not valid."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(request, _error(403, "forbidden", "This is not allowed."))


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    message = "The page was open for too long. Reload it and try again."
    return error_response(request, _error(403, "csrf_failed", message))


def too_many(request: HttpRequest) -> HttpResponse:
    """django-allauth's refusal of whoever tries too often."""
    return error_response(
        request, _error(429, "rate_limited", gettext("Too many attempts. Try again in a moment."))
    )


def server_error(request: HttpRequest) -> HttpResponse:
    return error_response(request, _error(500, "error", "Something went wrong."))


def _error(status: int, code: str, message: str) -> ChatError:
    error = ChatError(message, code=code)
    error.status = status
    return error
