"""`/share/<token>`: a conversation for whoever has the link. Rendered here; nothing of it can be written, and
only the files that it shows can be fetched."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.http import parse_etags

from chat.access import link_for
from chat.actions.share_links import shared_branch
from chat.errors import NotFound
from chat.files.serving import content_response
from chat.methods import reads
from chat.models import File, Message, Run, ShareLink
from providers.parts import AudioPart, FilePart, ImagePart, MediaPart, Part, SourcePart, TextPart, VideoPart

SHOWN: Final = (Message.Role.USER, Message.Role.ASSISTANT)
# The address is the key: it goes to no other site, into no index, and stays in no cache.
HEADERS: Final = {
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-store",
}

View = Callable[..., HttpResponseBase]


def _private(view: View) -> View:
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        for name, value in HEADERS.items():
            response[name] = value
        return response

    return answer


@reads
@_private
def share(request: HttpRequest, token: str) -> HttpResponseBase:
    link = link_for(token)
    branch = [message for message in shared_branch(link) if message.role in SHOWN]
    tag = _tag(link, branch)
    if tag in parse_etags(request.headers.get("If-None-Match", "")):
        return HttpResponseNotModified(headers={"ETag": tag})
    shown = [
        {"message": message, "parts": _parts(message), "going": message.status in Run.ACTIVE}
        for message in branch
    ]
    context = {"link": link, "token": token, "live": link.leaf_id is None, "shown": shown}
    response: HttpResponse = render(request, "chat/share.html", context)
    response["ETag"] = tag
    return response


@reads
@_private
def share_file(request: HttpRequest, token: str, file_id: UUID) -> HttpResponseBase:
    """A file that the link's messages show. Raises NotFound."""
    link = link_for(token)
    parts = [part for message in shared_branch(link) for part in message.content]
    if not any(isinstance(part, MediaPart) and part.file_id == str(file_id) for part in parts):
        raise NotFound
    file = File.objects.filter(id=file_id, session_id=link.session_id, status=File.Status.READY).first()
    if file is None:
        raise NotFound
    return content_response(request, file)


def _parts(message: Message) -> list[dict[str, Any]]:
    """For the template: what was said and shown. How an answer came about is not for everybody."""
    return [{"part": part, "kind": kind} for part in message.content if (kind := _kind(part, message))]


def _kind(part: Part, message: Message) -> str:
    match part:
        case TextPart():
            return "markdown" if message.role == Message.Role.ASSISTANT else "text"
        case SourcePart():
            return "source" if part.url.startswith(("https://", "http://")) else ""
        case ImagePart() | AudioPart() | VideoPart() | FilePart() if part.file_id:
            return "image" if part.media_type.startswith("image/") else "file"
        case _:
            return ""


def _tag(link: ShareLink, branch: list[Message]) -> str:
    """Another one whenever the page would be."""
    state = [link.session.title, *(f"{message.id} {message.status}" for message in branch)]
    return f'"{hashlib.sha256(repr(state).encode()).hexdigest()[:32]}"'
