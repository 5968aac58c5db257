"""`GET /api/stats/`: staff see the server, others what is theirs. `GET /api/stats/live/`: the same of the
server as it changes, for operators."""

import asyncio
from collections.abc import AsyncIterator, Collection
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat.access import Person
from chat.db import in_database
from chat.dialects.framing import EVENT_STREAM, STREAM_HEADERS, data
from chat.gateway.edge import OWN, any_operator, door
from chat.guard import Caller
from chat.runtime import runtime
from chat.watch.stats import own_stats, server_stats

EVERY: Final = 2.0  # seconds between two pictures; one is made a second, however many look


class StatsView(APIView):
    @extend_schema(responses={200: dict[str, Any]})
    def get(self, request: Request) -> Response:
        return Response(server_stats() if request.user.is_staff else own_stats(request.user))


@door(OWN, "GET", admit=any_operator, scope="admin")
async def live(request: HttpRequest, caller: Caller) -> HttpResponseBase:
    """Server-sent events: a picture, then another every two seconds."""
    return StreamingHttpResponse(_pictures(caller), content_type=EVENT_STREAM, headers=dict(STREAM_HEADERS))


async def _pictures(caller: Caller) -> AsyncIterator[bytes]:
    """Until the operator is one no longer, or the process goes."""
    guard, looker = (await runtime()).hub.guard, _Looker(caller)
    guard.enter(looker)
    try:
        while picture := await in_database(_picture, caller.user):
            yield data(picture)
            if await looker.is_over(EVERY):
                return
    finally:
        guard.leave(looker)


def _picture(user: Person) -> dict[str, Any] | None:
    stays = get_user_model().objects.filter(pk=user.pk or 0, is_staff=True, is_active=True).exists()
    return server_stats() if stays else None


class _Looker:
    """For the guard: it ends when whoever looks has to."""

    kind = "reader"
    session_ids: Collection[str] = ()

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self._over = asyncio.Event()

    async def is_over(self, seconds: float) -> bool:
        """After so many seconds, or as soon as it is."""
        try:
            async with asyncio.timeout(seconds):
                return await self._over.wait()
        except TimeoutError:
            return False

    def sign_out(self) -> None:
        self._over.set()

    def lose(self, session_id: str) -> None:
        """It looks at none."""

    def keep_pace(self, now: float) -> None:
        """Its transport is not in our hands."""

    async def go_away(self) -> None:
        self._over.set()
