"""Sessions out of here and into here. An import is somebody's own session: who wrote there is known by name
only, and nothing of it runs."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import transaction

from chat.access import Person, shown_messages
from chat.actions.carrying_remarks import remarks_of, remarks_take
from chat.actions.files import file_create, file_delete
from chat.actions.sessions import session_create
from chat.actions.state import state_of
from chat.actions.tool_choice import checked_tools
from chat.agents.catalogue import agent_named
from chat.carrying.conversation import Carried, Conversation, Ending, Role, Said
from chat.carrying.reading import conversations_in
from chat.errors import ChatError, Invalid
from chat.files.store import path_of
from chat.models import ChatSession, File, Message, Run
from providers.parts import MediaPart, Part, Parts, parts_to_json

AT_ONCE: Final = 500  # messages in one statement


def session_export(session: ChatSession) -> Conversation:
    """Without the bytes of its files: `exported_files` has those."""
    rows = list(shown_messages(session).order_by("id"))
    numbers = {row.id: number for number, row in enumerate(rows, 1)}
    names = {str(file.id): _name(place) for place, file in enumerate(_files(session), 1)}
    return Conversation(
        title=session.title,
        system_prompt=session.system_prompt,
        model=session.model,
        agent=session.agent_id,
        metadata=session.metadata,
        session_data=state_of(session).data,
        tools=session.tools,
        leaf=numbers.get(session.leaf_id) if session.leaf_id else None,
        messages=tuple(_said(row, numbers, names) for row in rows),
        comments=remarks_of(session, numbers),
    )


def exported_pieces(session: ChatSession, *, with_files: bool = True) -> Iterator[bytes]:
    """The export as JSON, file by file: together they may be larger than memory."""
    conversation = session_export(session)
    if not with_files:
        conversation = _without_files(conversation)
    yield msgspec.json.encode(conversation)[:-1]
    start = b',"files":['
    for place, file in enumerate(_files(session) if with_files else (), 1):
        data = base64.b64encode(path_of(file.id).read_bytes()).decode()
        yield start + msgspec.json.encode(Carried(id=_name(place), name=file.name, data=data))
        start = b","
    yield b"}" if start != b"," else b"]}"


class Brought(msgspec.Struct, frozen=True):
    """What an import led to. `left_out` says which conversation of the file, from 0, and why."""

    results: list[dict[str, Any]]
    left_out: list[dict[str, Any]]


def sessions_import(*, owner: Person, path: Path) -> Brought:
    """All that can be taken over of a file. Raises what was wrong where that is nothing."""
    brought, wrong = Brought([], []), None
    found = conversations_in(path, settings.IMPORT_MAX_BYTES)
    for index in count():
        try:
            one = next(found, None)
            if one is None:
                break
            session = session_import(owner=owner, conversation=_or_raised(one))
            brought.results.append(
                {"id": str(session.id), "title": session.title, "messages": session.messages.count()}
            )
        except ChatError as error:
            wrong = wrong or error
            brought.left_out.append({"index": index, **error.as_json()})
    if wrong and not brought.results:
        raise wrong
    return brought


def session_import(*, owner: Person, conversation: Conversation) -> ChatSession:
    """Raises Invalid, and what keeping files raises."""
    files = _kept(owner, conversation)
    try:
        with transaction.atomic():
            return _imported(owner, conversation, files)
    except BaseException:
        for file in files.values():
            file_delete(file=file)
        raise


def _or_raised(one: Conversation | ChatError) -> Conversation:
    if isinstance(one, ChatError):
        raise one
    return one


# --- out --------------------------------------------------------------------------------


def _said(row: Message, numbers: Mapping[UUID, int], names: Mapping[str, str]) -> Said:
    return Said(
        id=numbers[row.id],
        parent=numbers.get(row.parent_id) if row.parent_id else None,
        place=row.place,
        role=msgspec.convert(row.role, Role),
        parts=_named(row.content, names),
        name=row.name,
        author=row.author.get_username() if row.author and row.role == Message.Role.USER else "",
        status=_ending(row),
        provider=row.provider,
        model=row.model,
        usage=row.usage,
        cost=None if row.cost is None else format(row.cost.normalize(), "f"),
        error=row.error,
        created_at=row.created_at,
    )


def _ending(row: Message) -> Ending | None:
    if row.status == Message.Status.COMPLETE:
        return None
    return "interrupted" if row.status in Run.ACTIVE else msgspec.convert(row.status, Ending)


def _named(parts: Parts, names: Mapping[str, str]) -> Parts:
    """A file that is not carried along is only named."""

    def named(part: Part) -> Part:
        if not isinstance(part, MediaPart):
            return part
        return msgspec.structs.replace(part, file_id=names.get(part.file_id, ""), data="")

    return tuple(map(named, parts))


def _without_files(conversation: Conversation) -> Conversation:
    said = [msgspec.structs.replace(one, parts=_named(one.parts, {})) for one in conversation.messages]
    return msgspec.structs.replace(conversation, messages=tuple(said))


def _files(session: ChatSession) -> list[File]:
    return list(session.files.filter(status=File.Status.READY).order_by("id"))


def _name(place: int) -> str:
    return f"file-{place}"


# --- in ---------------------------------------------------------------------------------


def _kept(owner: Person, conversation: Conversation) -> dict[str, File]:
    kept: dict[str, File] = {}
    try:
        for carried in conversation.files:
            data = base64.b64decode(carried.data, validate=True)
            kept[carried.id] = file_create(owner=owner, data=data, name=carried.name)
    except BaseException as error:
        for file in kept.values():
            file_delete(file=file)
        if isinstance(error, binascii.Error):
            raise Invalid("A file is not base64.", field=f"files[{len(kept)}].data") from None
        raise
    return kept


def _imported(owner: Person, conversation: Conversation, files: Mapping[str, File]) -> ChatSession:
    session = session_create(
        owner=owner,
        title=conversation.title,
        system_prompt=conversation.system_prompt,
        model=conversation.model,
        agent_id=conversation.agent if agent_named(conversation.agent) else "",
        metadata=conversation.metadata,
        state=conversation.session_data,
        tools=_known_tools(conversation),
    )
    File.objects.filter(id__in=[file.id for file in files.values()]).update(session=session)
    rows = _rows(owner, session, conversation, {key: str(file.id) for key, file in files.items()})
    remarks_take(owner=owner, session=session, remarks=conversation.comments, rows=rows)
    if rows:
        leaf = rows[(conversation.leaf or len(rows)) - 1]
        # By when it was last spoken in, so that a life's worth of chats lies in its order.
        ChatSession.objects.filter(id=session.id).update(leaf=leaf, updated_at=rows[-1].created_at)
        session.refresh_from_db()
    return session


def _known_tools(conversation: Conversation) -> list[Any] | None:
    """Those of another server mean nothing here."""
    try:
        return None if conversation.tools is None else checked_tools(conversation.tools)
    except ChatError:
        return None


def _rows(
    owner: Person, session: ChatSession, conversation: Conversation, names: Mapping[str, str]
) -> list[Message]:
    rows: list[Message] = []
    for said in conversation.messages:
        parent = rows[said.parent - 1] if said.parent else None
        rows.append(_row(owner, session, said, parent, names))
    Message.objects.bulk_create(rows, AT_ONCE)
    for row, said in zip(rows, conversation.messages, strict=True):
        row.created_at = said.created_at or row.created_at
    Message.objects.bulk_update(rows, ["created_at"], AT_ONCE)
    return rows


def _row(
    owner: Person, session: ChatSession, said: Said, parent: Message | None, names: Mapping[str, str]
) -> Message:
    own = said.role == "user" and said.author in ("", owner.get_username())
    owned: dict[str, Any] = {"author_id": owner.pk if own else None}
    return Message(
        session=session,
        parent=parent,
        place=said.place if parent and said.role == "assistant" else None,
        role=said.role,
        parts=parts_to_json(_named(said.parts, names)),
        name=said.name if own or said.name else said.author[:100],
        status=said.status or Message.Status.COMPLETE,
        provider=said.provider,
        model=said.model,
        usage=said.usage,
        cost=None if said.cost is None else Decimal(said.cost),
        error=said.error,
        **owned,
    )
