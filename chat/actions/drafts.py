"""Messages that come in pieces (`message.begin`, `message.append`, `message.end`), for what is spoken or read
while it is sent.

Each piece names its place, so that it may come twice, over another connection and at another process. The row
says how much counts; the pieces themselves are on disk and never all in memory.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from chat.access import Person
from chat.actions.attachments import MOST, untaken_deleted
from chat.actions.files import file_receive, refuse_without_room
from chat.commands import MAX_FRAME, AppendPiece, BeginMessage, SendMessage
from chat.errors import Conflict, Invalid, NotFound, TooLarge
from chat.files import pieces
from chat.files.store import Incoming, too_large
from chat.models import Draft, File
from chat.models.drafts import DraftPart
from providers.parts import FilePart, Part, TextPart

AT_ONCE: Final = 8  # drafts of one person
MOST_PARTS: Final = 2 * MOST
SILENCE: Final = timedelta(hours=1)  # without a piece, then it is thrown away
MOST_TEXT: Final = MAX_FRAME  # bytes of all text, as in a message that comes whole


@dataclass(frozen=True, slots=True)
class Taken:
    """How far the part is: where its next piece begins."""

    part: int
    offset: int

    def as_json(self) -> dict[str, Any]:
        return {"part": self.part, "offset": self.offset}


def draft_begin(*, user: Person, command: BeginMessage) -> Draft:
    """The same `client_id` again gives what is there, with what came of it. Raises Conflict."""
    known = _drafts_of(user).filter(client_id=command.client_id)
    if draft := known.first():
        return draft
    if _drafts_of(user).count() >= AT_ONCE:
        raise Conflict("Too many messages are being written at once.", code="too_many_drafts", retryable=True)
    owned: dict[str, Any] = {"user_id": user.pk}
    fields = {**msgspec.to_builtins(command), "type": SendMessage.__struct_config__.tag}
    try:
        with transaction.atomic():
            return Draft.objects.create(**owned, client_id=command.client_id, command=fields)
    except IntegrityError:  # the same, at the same moment
        return known.get()


def draft_named(user: Person, client_id: str) -> Draft:
    """Raises NotFound."""
    draft = _drafts_of(user).filter(client_id=client_id).first()
    if draft is None:
        raise NotFound("No such message was begun.", code="draft_not_found", field="client_id")
    return draft


def draft_append(*, user: Person, command: AppendPiece) -> Taken:
    """Raises Invalid, NotFound, TooLarge, NoSpace, and Conflict `append_gap` that says where to go on."""
    draft = draft_named(user, command.client_id)
    data = _bytes_of(command)
    parts = draft.received
    if _is_known(parts, command, len(data)):
        return Taken(command.part, parts[command.part].size)
    grown = _grown(parts, command, len(data))
    _refuse_too_much(draft.user_id, grown, len(data))
    pieces.write(draft.id, command.part, command.offset, data)
    if not _counted(draft, grown, len(data)):
        raise _gap(draft_named(user, command.client_id).received)
    return Taken(command.part, grown[-1].size)


def draft_discard(*, user: Person, client_id: str) -> None:
    for draft in _drafts_of(user).filter(client_id=client_id):
        _discard([draft.id])


def drafts_clean() -> int:
    """Those that nobody ended, and pieces without a row. Gives how many."""
    stale = Draft.objects.filter(updated_at__lt=timezone.now() - SILENCE)
    lost = pieces.kept_ids(SILENCE.total_seconds())
    lost -= set(Draft.objects.filter(id__in=lost).values_list("id", flat=True))
    gone = [*stale.values_list("id", flat=True), *lost]
    _discard(gone)
    return len(gone)


@contextmanager
def gathered(user: Person, draft: Draft) -> Iterator[SendMessage]:
    """The whole message, its bytes kept as files for as long as the block takes: those that no message took
    are gone then. Raises as `file_receive`."""
    begun = msgspec.convert(draft.command, SendMessage)
    with untaken_deleted() as made:
        with _uncounted(draft):
            came = tuple(_whole(user, draft, index, part, made) for index, part in enumerate(draft.received))
        yield msgspec.structs.replace(begun, text="", parts=(*begun.content, *came))


def _drafts_of(user: Person) -> QuerySet[Draft]:
    mine: dict[str, Any] = {"user_id": user.pk}
    return Draft.objects.filter(**mine)


# --- one piece --------------------------------------------------------------------------


def _bytes_of(command: AppendPiece) -> bytes:
    if bool(command.text) == bool(command.data):
        raise Invalid("A piece is text or data.", code="bad_piece", field="data")
    return command.data or command.text.encode()


def _is_known(parts: tuple[DraftPart, ...], piece: AppendPiece, size: int) -> bool:
    return piece.part < len(parts) and piece.offset + size <= parts[piece.part].size


def _grown(parts: tuple[DraftPart, ...], piece: AppendPiece, size: int) -> tuple[DraftPart, ...]:
    is_text = bool(piece.text)
    if piece.part == len(parts):
        parts = (*parts, DraftPart(is_text=is_text, name=piece.name))
    last = parts[-1] if parts else None
    if last is None or piece.part != len(parts) - 1 or piece.offset != last.size:
        raise _gap(parts)
    if last.is_text != is_text:
        raise Invalid("A part is all text or all data.", code="bad_piece", field="data")
    return (*parts[:-1], msgspec.structs.replace(last, size=last.size + size))


def _gap(parts: tuple[DraftPart, ...]) -> Conflict:
    """`part` and `offset` are where the next piece begins."""
    offset = parts[-1].size if parts else 0
    return Conflict(
        "This piece does not follow what came.",
        code="append_gap",
        part=max(len(parts) - 1, 0),
        offset=offset,
        retryable=True,
    )


def _refuse_too_much(user_id: int, parts: tuple[DraftPart, ...], more: int) -> None:
    if len(parts) > MOST_PARTS:
        raise Invalid(f"A message has {MOST_PARTS} parts at most.", code="too_many_parts", field="part")
    if parts[-1].size > settings.FILE_MAX_BYTES:
        raise too_large()
    if sum(part.size for part in parts if part.is_text) > MOST_TEXT:
        raise TooLarge(field="text", limit=MOST_TEXT)
    refuse_without_room(user_id, more)


def _counted(draft: Draft, parts: tuple[DraftPart, ...], more: int) -> bool:
    """False where another connection was faster."""
    same = Draft.objects.filter(id=draft.id, version=draft.version)
    changed = same.update(
        parts=msgspec.to_builtins(parts),
        size=draft.size + more,
        version=draft.version + 1,
        updated_at=timezone.now(),
    )
    return bool(changed)


# --- the whole --------------------------------------------------------------------------


def _whole(user: Person, draft: Draft, index: int, part: DraftPart, made: list[File]) -> Part:
    if part.is_text:
        return TextPart(text=b"".join(pieces.read(draft.id, index, part.size)).decode())

    def write(incoming: Incoming) -> str:
        for piece in pieces.read(draft.id, index, part.size):
            incoming.write(piece)
        return part.name

    made.append(file_receive(owner=user, size=part.size, receive=write))
    return FilePart(file_id=str(made[-1].id))


@contextmanager
def _uncounted(draft: Draft) -> Iterator[None]:
    """What becomes files takes no second room meanwhile."""
    row = Draft.objects.filter(id=draft.id)
    row.update(size=0)
    try:
        yield
    finally:
        row.update(size=draft.size)


def _discard(ids: list[UUID]) -> None:
    Draft.objects.filter(id__in=ids).delete()
    for draft_id in ids:
        pieces.discard(draft_id)
