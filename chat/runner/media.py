"""The files of a conversation on their way to a provider, and those that a provider makes on their way here.

Rows are read with the run's assignment; bytes are read afterwards, in a thread, with no connection held.
"""

import asyncio
import base64
import binascii
import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from msgspec.structs import replace as changed

from chat.actions.files import file_attach, file_create
from chat.db import in_database
from chat.errors import ChatError
from chat.models import File, Run
from chat.runner.converting import converted
from chat.runner.stored_files import Files
from providers import events
from providers.contract import ChatMessage, ChatRequest
from providers.fitting import Capabilities, fitted, handed_back, media_of
from providers.parts import MediaPart, Part, TextPart

logger = logging.getLogger(__name__)

ROLES: Final = ("user", "assistant")


async def with_files(request: ChatRequest, capabilities: Capabilities, files: Files) -> ChatRequest:
    """The request as this model takes it. Raises UnsupportedContent."""
    if not any(media_of(request.messages)):
        return request
    return await asyncio.to_thread(_with_files, request, capabilities, files)


def _with_files(request: ChatRequest, capabilities: Capabilities, files: Files) -> ChatRequest:
    def there(part: Part) -> Part:
        if isinstance(part, MediaPart) and part.file_id and part.file_id not in files:
            return TextPart(text=f"[a file that was deleted: {part.name}]\n")
        return part

    def text_of(part: MediaPart) -> str | None:
        known = files.get(part.file_id)
        return known.text_path.read_text("utf-8") if known and known.text_path else None

    def loaded(part: Part) -> Part:
        if isinstance(part, MediaPart) and part.file_id:
            data = base64.b64encode(files[part.file_id].path.read_bytes()).decode()
            return changed(part, data=data)
        return part

    def adapted(message: ChatMessage) -> ChatMessage:
        parts = (made for part in message.parts for made in converted(part, capabilities, files))
        return replace(message, parts=tuple(parts)) if message.role == "user" else message

    present = handed_back(_each(request.messages, there, ROLES), capabilities)
    messages = fitted(tuple(map(adapted, present)), capabilities, text_of)
    return replace(request, messages=_each(messages, loaded))


def _each(
    messages: Iterable[ChatMessage], change: Callable[[Part], Part], roles: tuple[str, ...] = ("user",)
) -> tuple[ChatMessage, ...]:
    """What was said in these roles, part by part; the rest as it is."""
    return tuple(
        replace(message, parts=tuple(map(change, message.parts))) if message.role in roles else message
        for message in messages
    )


async def stored(event: events.File, run: Run) -> events.File:
    """The same file without its bytes: they are kept here, as the session's. What is no file that we take, or
    finds no room, is named and not kept: the answer around it is good."""
    if not event.data:
        return event
    try:
        file = await in_database(_store, event, run)
    except (ChatError, binascii.Error) as error:
        logger.warning("run %s: a file that cannot be kept: %r", run.id, error)
        return events.File(media_type=event.media_type, name=_name(event))
    return events.File(media_type=file.media_type, file_id=str(file.id), name=file.name)


def _store(event: events.File, run: Run) -> File:
    data = base64.b64decode(event.data, validate=True)
    owner = run.user or run.session.owner
    file = file_create(owner=owner, data=data, name=_name(event))
    return file_attach(file=file, session=run.session, user=owner)


def _name(event: events.File) -> str:
    return event.name or event.media_type.replace("/", ".")
