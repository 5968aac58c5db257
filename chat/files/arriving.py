"""Request bodies read as they come: Django's own ASGI handler reads all of a body before anybody is asked
whether it is wanted. An upload's body is read by its view, once the caller is known and while it is taken.
"""

import asyncio
import io
from collections.abc import Awaitable, Callable
from concurrent.futures import CancelledError
from typing import Any, Final, TypeAlias

from django.core.handlers.asgi import ASGIHandler
from django.http import UnreadablePostError

PATHS: Final = frozenset({"/api/files/"})
ASYNC_PATHS: Final = ("/v1/", "/chat", "/novachat", "/api/ai-sdk/", "/api/ag-ui")  # of none but async views
BUFFER: Final = 256 * 1024  # bytes
SILENCE: Final = 30.0  # seconds without a byte, then the sender is gone

Receive: TypeAlias = Callable[[], Awaitable[dict[str, Any]]]


class Handler(ASGIHandler):
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """A thread for each request is for views that are sync."""
        if scope["path"].startswith(ASYNC_PATHS):
            await self.handle(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        is_upload = scope["method"] == "POST" and scope["path"] in PATHS
        await super().handle(scope, ArrivingBody(receive).left if is_upload else receive, send)

    async def read_body(self, receive: Any) -> Any:
        body = getattr(receive, "__self__", None)
        if isinstance(body, ArrivingBody):
            return io.BufferedReader(body, BUFFER)
        return await super().read_body(receive)


class ArrivingBody(io.RawIOBase):
    """To be read in a view's thread. Raises UnreadablePostError when the sender leaves or falls silent."""

    def __init__(self, receive: Receive) -> None:
        super().__init__()
        self._receive = receive
        self._loop = asyncio.get_running_loop()
        self._whole = asyncio.Event()
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest and not self._whole.is_set():
            self._rest = memoryview(self._awaited())
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count

    async def left(self) -> dict[str, Any]:
        """What Django listens to for the caller's leaving: only after the body is something else to come."""
        await self._whole.wait()
        return await self._receive()

    def _awaited(self) -> bytes:
        """The second limit is for a loop that has ended and will never answer."""
        try:
            return asyncio.run_coroutine_threadsafe(self._next(), self._loop).result(2 * SILENCE)
        except (TimeoutError, CancelledError, RuntimeError) as error:
            raise UnreadablePostError("the server stops") from error

    async def _next(self) -> bytes:
        try:
            async with asyncio.timeout(SILENCE):
                message = await self._receive()
        except TimeoutError as error:
            raise UnreadablePostError("no byte for too long") from error
        if message["type"] == "http.disconnect":
            raise UnreadablePostError("the sender left")
        if not message.get("more_body", False):
            self._whole.set()
        return bytes(message.get("body", b""))
