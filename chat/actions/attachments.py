"""The files of a message: what its parts name is looked up, what they carry is kept.

A part says where its bytes are in one of three ways: `file_id` (uploaded before), `data` (base64, or a URL
`data:`, kept as a file first), or the address of something that the provider fetches.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from msgspec.structs import replace

from chat.access import Person, file_for
from chat.actions.files import file_attach, file_create, file_delete
from chat.commands import Content
from chat.errors import Invalid, NotFound
from chat.models import ChatSession, File
from providers.parts import ImagePart, MediaPart, Part, Parts, media_part

MOST: Final = 20  # files of one message
LONGEST_URL: Final = 2000
_DATA_URL: Final = re.compile(r"data:[\w.+-]*/?[\w.+-]*(?:;[\w=.+-]+)*;base64,", re.I)
_FIELD: Final = "parts"

_Command = TypeVar("_Command", bound=Content)


@contextmanager
def kept_data(user: Person, command: _Command) -> Iterator[_Command]:
    """The command with what it carries kept as files, for as long as the block takes. Those that no message
    took by then are gone: it was refused, or had been sent before. Raises Invalid."""
    with untaken_deleted() as made:
        parts = tuple(_named(user, part, made) for part in command.parts)
        yield replace(command, parts=parts) if made else command


@contextmanager
def untaken_deleted() -> Iterator[list[File]]:
    """A list for files that are made in the block: those that no message took by its end are gone."""
    made: list[File] = []
    try:
        yield made
    finally:
        for file in File.objects.filter(id__in=[file.id for file in made], session__isnull=True):
            file_delete(file=file)


def attached(user: Person, session: ChatSession, content: Parts) -> Parts:
    """In the transaction that stores the message: its files belong to the session now, and the parts say
    what they are. Raises Invalid and NotFound."""
    if sum(isinstance(part, MediaPart) for part in content) > MOST:
        raise Invalid(f"A message takes {MOST} files at most.", code="too_many_files", field=_FIELD)
    return tuple(_attached(user, session, part) if isinstance(part, MediaPart) else part for part in content)


def _named(user: Person, part: Part, made: list[File]) -> Part:
    if not isinstance(part, MediaPart):
        return part
    data = part.data
    if match := _DATA_URL.match(part.url):
        data = part.url[match.end() :]
    if not data:
        return part
    name = part.name or part.media_type.replace("/", ".")
    made.append(file_create(owner=user, data=_decoded(data), name=name))
    return replace(part, data="", url="", file_id=str(made[-1].id))


def _decoded(data: str) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("This is not valid base64.", code="bad_base64", field=_FIELD) from None


def _attached(user: Person, session: ChatSession, part: MediaPart) -> Part:
    if bool(part.file_id) == bool(part.url):
        raise Invalid("A file needs one of file_id, url and data.", code="bad_file", field=_FIELD)
    if part.url:
        return _addressed(part)
    try:
        file = file_attach(file=file_for(user, part.file_id), session=session, user=user)
    except NotFound as error:
        raise NotFound("There is no such file.", code="file_not_found", field=_FIELD) from error
    kind = media_part(file.media_type)
    detail: dict[str, Any] = (
        {"detail": part.detail} if kind is ImagePart and isinstance(part, ImagePart) else {}
    )
    return kind(media_type=file.media_type, file_id=str(file.id), name=file.name, **detail)


def _addressed(part: MediaPart) -> MediaPart:
    if len(part.url) > LONGEST_URL or not part.url.lower().startswith(("https://", "http://")):
        raise Invalid("Give an http(s) address or a data URL with base64.", code="bad_url", field=_FIELD)
    return part
