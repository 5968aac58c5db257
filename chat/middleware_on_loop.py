"""Django's own middlewares where they can run on the event loop, because they only compute.

As they are, each takes two hops to a thread with every request, and the first hop makes the thread. What may
read or write rows still goes to a thread.
"""

from functools import partial
from typing import Any

from asgiref.sync import sync_to_async
from csp.middleware import CSPMiddleware
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.common import CommonMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.locale import LocaleMiddleware
from django.middleware.security import SecurityMiddleware
from django.utils.deprecation import MiddlewareMixin

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")


class OnLoop(MiddlewareMixin):
    async def __acall__(self, request: HttpRequest) -> Any:
        before: Any = getattr(self, "process_request", None)
        response = before(request) if before else None
        if response is None:
            response = await self.get_response(request)  # type: ignore[misc]
        after: Any = getattr(self, "process_response", None)
        if after is None:
            return response
        if self.may_touch_rows(request):
            return await sync_to_async(after)(request, response)
        return after(request, response)

    def may_touch_rows(self, request: HttpRequest) -> bool:
        """While the response passes."""
        return False


class Security(OnLoop, SecurityMiddleware):
    pass


class ContentPolicy(OnLoop, CSPMiddleware):
    pass


class Sessions(OnLoop, SessionMiddleware):
    def may_touch_rows(self, request: HttpRequest) -> bool:
        return bool(getattr(getattr(request, "session", None), "modified", False))


class Locale(OnLoop, LocaleMiddleware):
    pass


class Common(OnLoop, CommonMiddleware):
    """Where a slash is missing, the same request goes to the path that has it: a POST becomes no GET."""

    response_redirect_class = partial(HttpResponsePermanentRedirect, preserve_request=True)  # type: ignore[assignment]


class Csrf(OnLoop, CsrfViewMiddleware):
    async def process_view(self, request: HttpRequest, callback: Any, *of_view: Any) -> Any:  # type: ignore[override]
        """The token may be in the body, which may still be on its way."""
        check = super().process_view
        if getattr(callback, "csrf_exempt", False) or request.method in SAFE:
            return check(request, callback, *of_view)
        return await sync_to_async(check)(request, callback, *of_view)


class Authentication(OnLoop, AuthenticationMiddleware):
    pass


class Messages(OnLoop, MessageMiddleware):
    def may_touch_rows(self, request: HttpRequest) -> bool:
        """They may be kept with the sign-in."""
        kept: Any = getattr(request, "_messages", None)
        return bool(kept is not None and (kept.used or kept.added_new))


class XFrameOptions(OnLoop, XFrameOptionsMiddleware):
    pass
