"""The page edge: an error becomes a page for people and JSON for programs. Never a traceback."""

import logging
import time
from typing import Any, Final

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError
from requests.exceptions import RequestException

from chat.budgets.left import HEADER, Left, listen
from chat.db import AWAY as DATABASE_AWAY
from chat.errors import ChatError, Forbidden, Invalid, MethodNotAllowed, NotFound, Unavailable, error_of
from chat.logs import begin_request, request_id
from chat.metrics import REFUSALS, REQUEST_SECONDS, REQUESTS
from chat.refusals import refusal_response
from chat.tracing import TRACEPARENT, begin_trace

logger = logging.getLogger(__name__)
requests = logging.getLogger("chat.requests")

REQUEST_ID: Final = "X-Request-ID"
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# What programs ask: they are told what is wrong in JSON, whatever they say that they take.
API_PATHS: Final = (
    *("/api/", "/v1/", "/chat", "/novachat", "/loomichat", "/stats", "/reset-stats"),
    *("/health", "/readyz", "/metrics"),
)
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
        begin_trace(request.headers.get(TRACEPARENT, ""))
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
        if iscoroutinefunction(self):
            return self._answered(request)
        return _with_words(request, self.get_response(request))

    async def _answered(self, request: HttpRequest) -> HttpResponseBase:
        return _with_words(request, await self.get_response(request))

    async def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        """Nothing here has a NUL in its name, and PostgreSQL fails at the very question."""
        return error_response(request, NotFound()) if "\0" in request.path else None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, ChatError):
            return error_response(request, error)
        if isinstance(error, AWAY):
            return error_response(request, away(error))
        return None


def _with_words(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Django's decorators refuse a method without any."""
    if not isinstance(response, HttpResponseNotAllowed):
        return response
    return error_response(request, MethodNotAllowed(allowed=response["Allow"].split(", ")))


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
    return Unavailable()


def error_response(request: HttpRequest, error: ChatError) -> HttpResponse:
    return _page(request, error) if wants_page(request) else refusal_response(error)


def _page(request: HttpRequest, error: ChatError) -> HttpResponse:
    REFUSALS.labels(error.code).inc()
    told = {"status": error.status, "message": gettext(str(error.message)), "request_id": request_id.get()}
    page = render(request, "error.html", told, status=error.status)
    for name, value in error.headers.items():
        page[name] = value
    return page


def wants_page(request: HttpRequest) -> bool:
    """Browsers say that they take HTML; programs say nothing or anything, and have paths of their own."""
    return "text/html" in request.headers.get("Accept", "") and not request.path.startswith(API_PATHS)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(request, NotFound(_("There is nothing here.")))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(request, Invalid(code="bad_request"))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(request, Forbidden())


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    told = _("The page was open for too long. Reload it and try again.")
    return error_response(request, Forbidden(told, code="csrf_failed"))


def too_many(request: HttpRequest) -> HttpResponse:
    """django-allauth's refusal of whoever tries too often."""
    return error_response(
        request, error_of(429, "rate_limited", _("Too many attempts. Try again in a moment."))
    )


def server_error(request: HttpRequest) -> HttpResponse:
    return error_response(request, ChatError())
