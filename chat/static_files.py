"""Static files from WhiteNoise, without a thread per request.

WhiteNoise's own middleware is sync: under ASGI each request behind it would hold a thread while it waits,
and a client that leaves would not be noticed before the answer begins.
"""

from collections.abc import Awaitable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware


class StaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc]
    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Any) -> None:
        super().__init__(get_response)
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if not iscoroutinefunction(self):
            sync_answer: HttpResponseBase = super().__call__(request)
            return sync_answer
        return self._answer(request)

    async def _answer(self, request: HttpRequest) -> HttpResponseBase:
        found = self.files.get(request.path_info) if not self.autorefresh else self._fresh(request)
        if found is not None:
            served: HttpResponseBase = self.serve(found, request)
            return served
        answered: HttpResponseBase = await self.get_response(request)
        return answered

    def _fresh(self, request: HttpRequest) -> Any:
        """While developing, files are looked for anew with each request."""
        return self.find_file(request.path_info)
