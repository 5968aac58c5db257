"""From a command to its reply: access, then action. Sync and the same for every door."""

from collections.abc import Callable
from typing import Any

from chat.access import (
    Person,
    comment_to_remove,
    message_for,
    run_for,
    session_to_comment,
    session_to_drive,
)
from chat.actions.attachments import kept_data
from chat.actions.comments import comment_add, comment_remove
from chat.actions.drafts import draft_append, draft_begin, draft_discard, draft_named, gathered
from chat.actions.messages import (
    Sent,
    message_edit,
    message_regenerate,
    message_send,
    reused,
    sent_before,
)
from chat.actions.runs import run_cancel
from chat.actions.tool_calls import call_decide
from chat.actions.tool_choice import edited_arguments
from chat.authentication import require_scope
from chat.commands import (
    AddComment,
    AppendPiece,
    BeginMessage,
    CancelRun,
    Command,
    DecideTool,
    DiscardMessage,
    EditMessage,
    EndMessage,
    RegenerateMessage,
    RemoveComment,
    SendMessage,
)
from chat.models import Message
from chat.wire import comment_json, run_json


def send(user: Person, command: SendMessage) -> Sent:
    session = session_to_drive(user, command.session_id) if command.session_id else None
    with kept_data(user, command) as kept:
        sent = message_send(user=user, session=session, command=kept)
    if session and sent.session != session:
        raise reused("session_id")
    return sent


def begin(user: Person, command: BeginMessage) -> dict[str, Any]:
    if known := sent_before(user, command.client_id):
        return known.as_json()
    if command.session_id:
        session_to_drive(user, command.session_id)
    return {"draft": draft_begin(user=user, command=command).as_json()}


def end(user: Person, command: EndMessage) -> dict[str, Any]:
    """Refused, the message can be ended again."""
    if known := sent_before(user, command.client_id):
        return known.as_json()
    draft = draft_named(user, command.client_id)
    with gathered(user, draft) as whole:
        sent = send(user, whole)
    draft_discard(user=user, client_id=command.client_id)
    return sent.as_json()


def discard(user: Person, command: DiscardMessage) -> dict[str, Any]:
    draft_discard(user=user, client_id=command.client_id)
    return {}


def edit(user: Person, command: EditMessage) -> Sent:
    message = _message_to_drive(user, command.message_id)
    with kept_data(user, command) as kept:
        return message_edit(user=user, message=message, command=kept)


def regenerate(user: Person, command: RegenerateMessage) -> Sent:
    message = _message_to_drive(user, command.message_id)
    return message_regenerate(user=user, message=message, command=command)


def cancel(user: Person, command: CancelRun) -> dict[str, Any]:
    run = run_for(user, command.run_id)
    session_to_drive(user, run.session_id)
    return {"run": run_json(run_cancel(run=run))}


def decide(user: Person, command: DecideTool) -> dict[str, Any]:
    run = run_for(user, command.run_id)
    session_to_drive(user, run.session_id)
    decided = call_decide(
        user=user,
        run=run,
        tool_call_id=command.tool_call_id,
        decision=command.decision,
        edited=edited_arguments(run, command),
    )
    return {"run": run_json(decided)}


def add_comment(user: Person, command: AddComment) -> dict[str, Any]:
    session = session_to_comment(user, command.session_id)
    comment, _ = comment_add(
        user=user,
        session=session,
        message_id=command.message_id,
        text=command.text,
        client_id=command.client_id,
    )
    return {"comment": comment_json(comment)}


def remove_comment(user: Person, command: RemoveComment) -> dict[str, Any]:
    comment_remove(comment=comment_to_remove(user, command.session_id, command.comment_id))
    return {}


def perform(user: Person, command: Command) -> dict[str, Any]:
    """The fields of the reply. Raises ChatError or ProviderError."""
    require_scope(user, "chat")
    return _PERFORM[type(command)](user, command)


def _message_to_drive(user: Person, message_id: str) -> Message:
    message = message_for(user, message_id)
    message.session = session_to_drive(user, message.session_id)
    return message


_PERFORM: dict[type[Command], Callable[[Person, Any], dict[str, Any]]] = {
    SendMessage: lambda user, command: send(user, command).as_json(),
    BeginMessage: begin,
    AppendPiece: lambda user, command: draft_append(user=user, command=command).as_json(),
    EndMessage: end,
    DiscardMessage: discard,
    EditMessage: lambda user, command: edit(user, command).as_json(),
    RegenerateMessage: lambda user, command: regenerate(user, command).as_json(),
    CancelRun: cancel,
    DecideTool: decide,
    AddComment: add_comment,
    RemoveComment: remove_comment,
}
