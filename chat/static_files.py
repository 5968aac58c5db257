"""Static files from WhiteNoise, without a thread per request, and compressed once.

WhiteNoise's own middleware is sync: under ASGI each request behind it would hold a thread while it waits,
and a client that leaves would not be noticed before the answer begins.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.storage import CompressedManifestStaticFilesStorage

_HASHED: Final = re.compile(r"\.[0-9a-f]{12}\.")  # Django's names for files that never change


class CompressedOnce(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Compresses the names that hold a hash, which pages ask for, where an earlier run did not already: it
    would take a minute each time that one file changed. Fetched packages are taken as they are: some of their
    styles name files that they do not bring."""

    def url_converter(
        self, name: str, hashed_files: dict[str, str], template: str | None = None
    ) -> Callable[[re.Match[str]], str]:
        if name.startswith("vendor/"):
            return lambda found: found[0]
        converter: Callable[[re.Match[str]], str] = super().url_converter(name, hashed_files, template)
        return converter

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        new = [path for path in paths if _HASHED.search(path) and not Path(self.path(path) + ".br").exists()]
        yield from super().compress_files(new)


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
