"""The files of a conversation as they lie on disk, read with the run's assignment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from uuid import UUID

from chat.files.store import path_of, text_path_of
from chat.models import File
from providers.contract import ChatMessage
from providers.fitting import media_of


@dataclass(frozen=True, slots=True)
class StoredFile:
    path: Path
    text_path: Path | None


Files: TypeAlias = Mapping[str, StoredFile]


def files_in(messages: Iterable[ChatMessage]) -> Files:
    """By id. What was deleted since is not among them."""
    ids = {UUID(part.file_id) for part in media_of(tuple(messages)) if part.file_id}
    rows = File.objects.in_bulk(list(ids)).values() if ids else ()
    return {str(row.id): _stored(row) for row in rows if path_of(row.id).exists()}


def _stored(row: File) -> StoredFile:
    return StoredFile(path_of(row.id), text_path_of(row.id) if row.has_text else None)
