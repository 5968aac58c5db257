"""A stream of a second for whoever holds a fresh signature of this server: `manage.py doctor` sees by it
whether something on the way holds streams back."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from django.core import signing
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import reverse

from chat.dialects.framing import EVENT_STREAM, STREAM_HEADERS, data
from chat.errors import NotFound
from chat.methods import reads

DROPS: Final = 5
EVERY: Final = 0.25  # seconds
FRESH: Final = 60  # seconds that a signature is good for
_SALT: Final = "parley.doctor"


def drip_path() -> str:
    return reverse("drip", args=[signing.dumps("drip", salt=_SALT)])


@reads
async def drip(request: HttpRequest, token: str) -> StreamingHttpResponse:
    try:
        signing.loads(token, salt=_SALT, max_age=FRESH)
    except signing.BadSignature:
        raise NotFound from None
    return StreamingHttpResponse(_drops(), content_type=EVENT_STREAM, headers=dict(STREAM_HEADERS))


async def _drops() -> AsyncIterator[bytes]:
    for number in range(DROPS):
        yield data({"drop": number})
        await asyncio.sleep(EVERY)
