"""A file's content as a response: in pieces, in ranges, and never as something that a browser would run."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final, TypeVar

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header, parse_etags

from chat.errors import NotFound
from chat.files.ranges import asked_range
from chat.files.store import path_of
from chat.models import File

PIECE: Final = 256 * 1024  # bytes
# For whoever opens the address by itself: no script, no form, no plug-in, nothing loaded.
POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox"

_Response = TypeVar("_Response", bound=HttpResponseBase)


def content_response(request: HttpRequest, file: File) -> HttpResponseBase:
    """Images are shown in place, they were encoded anew; everything else is saved. Raises NotFound."""
    path, tag = path_of(file.id), f'"{file.sha256}"'
    if not path.exists():
        raise NotFound
    if tag in parse_etags(request.headers.get("If-None-Match", "")):
        return _with_headers(HttpResponseNotModified(), file, tag, saved=False)
    wanted = _wanted(request, file, tag)
    if wanted is not None and not wanted:
        return _beyond(file, tag)
    part = range(file.size) if wanted is None else wanted
    response = StreamingHttpResponse(_pieces(path, part), status=200 if wanted is None else 206)
    response["Content-Length"] = str(len(part))
    if wanted is not None:
        response["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{file.size}"
    saved = "download" in request.GET or not file.media_type.startswith("image/")
    return _with_headers(response, file, tag, saved=saved)


def _wanted(request: HttpRequest, file: File, tag: str) -> range | None:
    if request.headers.get("If-Range", tag) != tag:
        return None
    return asked_range(request.headers.get("Range", ""), file.size)


def _beyond(file: File, tag: str) -> HttpResponse:
    response = HttpResponse(status=416)
    response["Content-Range"] = f"bytes */{file.size}"
    return _with_headers(response, file, tag, saved=True)


def _with_headers(response: _Response, file: File, tag: str, *, saved: bool) -> _Response:
    textual = file.media_type.startswith("text/")
    response["Content-Type"] = "text/plain; charset=utf-8" if textual else file.media_type
    response["Content-Disposition"] = content_disposition_header(saved, file.name) or "attachment"
    response["Content-Security-Policy"] = POLICY
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["X-Content-Type-Options"] = "nosniff"
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = "private, no-cache"  # asked again each time: rights may have gone
    response["ETag"] = tag
    return response


async def _pieces(path: Path, part: range) -> AsyncIterator[bytes]:
    """A server waits for a slow reader between two of them."""
    file = await asyncio.to_thread(path.open, "rb")
    try:
        file.seek(part.start)
        left = len(part)
        while left and (piece := await asyncio.to_thread(file.read, min(PIECE, left))):
            left -= len(piece)
            yield piece
    finally:
        file.close()
