"""Taking files in, giving them to sessions, throwing them away.

Reading a file takes seconds and is done outside of every transaction. What the database says comes first and
goes last: bytes without a row are swept up, a row without bytes would be a promise that nobody can keep.
"""

import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import close_old_connections, transaction
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from chat.access import Person
from chat.actions.audit import audit_append, audited
from chat.errors import Conflict, NoSpace, TooLarge
from chat.files import store
from chat.files.inspecting import Inspection, inspect
from chat.files.names import cleaned_name
from chat.files.sniffing import media_type_of
from chat.files.store import Incoming
from chat.models import ChatSession, Draft, File
from chat.rights import refuse_bare_guest

UPLOADS_AT_ONCE: Final = 8  # of one person
RECEIVING_HOURS: Final = 1  # then an upload that never ended was cut off by a crash
AT_ONCE: Final = 200  # rows in one statement


def file_receive(*, owner: Person, size: int, receive: Callable[[Incoming], str]) -> File:
    """A new file from a stream. `receive` writes it and gives the name that was sent; `size` is what the
    sender announced, or the most that it may be. Raises TooLarge, NoSpace, Unsupported, Invalid, and leaves
    nothing behind then."""
    if size > settings.FILE_MAX_BYTES:
        raise store.too_large()
    file = _reserved(owner, size)
    try:
        close_old_connections()  # none is held while bytes are awaited
        with Incoming(min(size, settings.FILE_MAX_BYTES)) as incoming:
            file.name = cleaned_name(receive(incoming))
            file.sha256 = incoming.finish()
            return _kept(file, incoming)
    except BaseException:
        File.objects.filter(id=file.id).delete()
        store.discard(file.id)
        raise


def file_create(*, owner: Person, data: bytes, name: str) -> File:
    """A new file from bytes that are there already. Raises as `file_receive`."""

    def write(incoming: Incoming) -> str:
        incoming.write(data)
        return name

    return file_receive(owner=owner, size=len(data), receive=write)


@audited()
def file_delete(*, file: File) -> None:
    if File.objects.filter(id=file.id).delete()[0]:
        audit_append("file.deleted", file.id, owner_id=file.owner_id)
    transaction.on_commit(lambda: store.discard(file.id))


def file_attach(*, file: File, session: ChatSession, user: Person) -> File:
    """The file for this session's messages: itself, or this person's copy where it belongs to another one
    already. Raises TooLarge and NoSpace."""
    if file.session_id is None:
        taken = File.objects.filter(id=file.id, session__isnull=True).update(session=session)
        file.session = session if taken else None
        if taken:
            return file
        file.refresh_from_db()
    return file if file.session_id == session.id else _copied(file, session, user)


def refuse_without_room(owner_id: int, more: int = 0) -> None:
    """Whether the files and drafts of this person, and those of all, may be `more` bytes larger. Raises
    TooLarge and NoSpace."""
    mine, drafted = File.objects.filter(owner_id=owner_id), Draft.objects.filter(user_id=owner_id)
    if _bytes(mine) + _bytes(drafted) + more > settings.FILE_USER_BYTES:
        raise TooLarge("Your files would take more room than you have.", code="file_quota")
    if _bytes(File.objects.all()) + _bytes(Draft.objects.all()) + more > settings.FILE_TOTAL_BYTES:
        raise NoSpace


def files_forget(session_id: UUID) -> None:
    """In the transaction that deletes the session: the bytes go once that is committed."""
    ids = list(File.objects.filter(session_id=session_id).values_list("id", flat=True))
    transaction.on_commit(lambda: _discard(ids))


def files_clean() -> int:
    """Orphans, uploads that were cut off, files of sessions that are gone, bytes without a row. Gives how
    many files."""
    now = timezone.now()
    stale = Q(session__isnull=True, created_at__lt=now - timedelta(hours=settings.FILE_ORPHAN_HOURS))
    stale |= Q(status=File.Status.RECEIVING, created_at__lt=now - timedelta(hours=RECEIVING_HOURS))
    lost = Q(session_id__isnull=False) & ~Q(session_id__in=ChatSession.objects.values("id"))
    removed = _delete(File.objects.filter(stale)) + _delete(File.objects.filter(lost))
    store.abandoned_delete(RECEIVING_HOURS * 3600)
    return removed + _sweep()


# --- taking in --------------------------------------------------------------------------


def _reserved(owner: Person, size: int) -> File:
    """A row that counts against the quotas while the bytes come. Written first and counted then: of many at
    once, each sees all that were before it."""
    refuse_bare_guest(owner)
    owned: dict[str, Any] = {"owner_id": owner.pk, "size": size}
    file = File.objects.create(**owned)
    try:
        _refuse_beyond_quota(file.owner_id)
    except Exception:
        file.delete()
        raise
    return file


def _refuse_beyond_quota(owner_id: int) -> None:
    receiving = File.objects.filter(owner_id=owner_id, status=File.Status.RECEIVING)
    if receiving.count() > UPLOADS_AT_ONCE:
        raise Conflict("Too many files are being uploaded at once.", code="too_many_uploads", retryable=True)
    refuse_without_room(owner_id)


def _bytes(files: QuerySet[File] | QuerySet[Draft]) -> int:
    return files.order_by().aggregate(sum=Sum("size"))["sum"] or 0


def _kept(file: File, incoming: Incoming) -> File:
    file.media_type = media_type_of(incoming.path, file.name)
    with Incoming(settings.FILE_MAX_BYTES) as result:
        found = inspect(incoming.path, file.media_type, result)
        if found.has_text:
            store.keep(result.path, store.text_path_of(file.id))
        kept = result if found.is_replaced else incoming
        file.size = kept.size
        file.sha256 = store.digest(kept.path) if found.is_replaced else file.sha256
        store.keep(kept.path, store.path_of(file.id))
    return _saved(file, found)


def _saved(file: File, found: Inspection) -> File:
    file.status = File.Status.READY
    file.has_text = found.has_text
    file.width, file.height = found.width, found.height
    file.pages, file.duration = found.pages, found.duration
    file.save()
    return file


def _copied(file: File, session: ChatSession, user: Person) -> File:
    known = file.id
    copy = File.objects.get(id=known)
    copy.pk = File._meta.pk.get_default()
    copy.session = session
    copy.owner_id = user.pk or file.owner_id
    copy._state.adding = True
    store.share(known, copy.id)
    copy.save()
    _refuse_beyond_quota(copy.owner_id)
    return copy


# --- throwing away ----------------------------------------------------------------------


def _delete(files: QuerySet[File]) -> int:
    removed = 0
    while ids := list(files.order_by().values_list("id", flat=True)[:AT_ONCE]):
        File.objects.filter(id__in=ids).delete()
        _discard(ids)
        removed += len(ids)
    return removed


def _sweep() -> int:
    """Bytes that were written an hour ago and have no row."""
    removed, ids = 0, list(store.kept_ids(older_than=time.time() - RECEIVING_HOURS * 3600))
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        known = set(File.objects.filter(id__in=some).values_list("id", flat=True))
        lost = [file_id for file_id in some if file_id not in known]
        _discard(lost)
        removed += len(lost)
    return removed


def _discard(ids: Iterable[Any]) -> None:
    for file_id in ids:
        store.discard(file_id)
