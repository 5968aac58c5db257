"""The JSON picture of each row: one for REST, snapshots and events alike (docs/protocol.md, Objects)."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from chat.models import ChatSession, Comment, File, Memory, Message, Run, SessionMember, Summary


def session_json(session: ChatSession) -> dict[str, Any]:
    return {
        "id": str(session.id),
        "title": session.title,
        "system_prompt": session.system_prompt,
        "model": session.model,
        "agent": session.agent_id,
        "owner": person_json(session.owner),
        "leaf_id": _id(session.leaf_id),
        "metadata": session.metadata,
        "tools": session.tools,
        "memory": session.memory,
        "history_tokens": session.history_tokens,
        "archived": session.archived_at is not None,
        "pinned": session.pinned_at is not None,
        "folder": session.folder,
        "created_at": _time(session.created_at),
        "updated_at": _time(session.updated_at),
    }


def message_json(message: Message) -> dict[str, Any]:
    """Rows should come with `author` and `run` selected, or each costs up to two queries."""
    run = getattr(message, "run", None) if message.role == Message.Role.ASSISTANT else None
    return {
        "id": str(message.id),
        "session_id": str(message.session_id),
        "parent_id": _id(message.parent_id),
        "role": message.role,
        "parts": message.parts,
        "text": message.text,
        "name": message.name,
        "status": message.status,
        "run_id": _id(run and run.id),
        "set_aside": run.set_aside if run else [],
        "route": run.route if run else None,
        "steps": (run.steps or []) if run else [],
        "provider": message.provider,
        "model": message.model,
        "agent": run.agent if run else "",
        "place": message.place,
        "options": run.options if run and message.place is not None else None,
        "context": run.context if run else None,
        "usage": message.usage,
        "cost": _money(message.cost),
        "attempt": run.attempt if run else 1,
        "timings": run.timings if run else None,
        "error": message.error,
        "author": person_json(message.author) if message.author else None,
        "created_at": _time(message.created_at),
    }


def run_json(run: Run) -> dict[str, Any]:
    return {
        "id": str(run.id),
        "session_id": str(run.session_id),
        "message_id": str(run.message_id),
        "status": run.status,
        "stopping": run.is_stopping,
        "attempt": run.attempt,
        "set_aside": run.set_aside,
        "provider": run.provider,
        "model": run.model,
        "route": run.route,
        "steps": run.steps or [],
        "agent": run.agent,
        "kind": run.kind,
        "context": run.context,
        "parent_id": _id(run.parent_id),
        "stage": run.stage,
        "options": run.options,
        "pace": run.pace,
        "usage": run.usage,
        "cost": _money(run.total_cost),
        "agents_spent": run.agents_spent,
        "price": run.price,
        "timings": run.timings,
        "error": run.error,
        "created_at": _time(run.created_at),
        "started_at": _time(run.started_at),
        "finished_at": _time(run.finished_at),
    }


def file_json(file: File) -> dict[str, Any]:
    return {
        "id": str(file.id),
        "session_id": _id(file.session_id),
        "name": file.name,
        "media_type": file.media_type,
        "size": file.size,
        "sha256": file.sha256,
        "width": file.width,
        "height": file.height,
        "pages": file.pages,
        "duration": file.duration,
        "has_text": file.has_text,
        "status": file.status,
        "url": f"/api/files/{file.id}/content/",
        "created_at": _time(file.created_at),
    }


def memory_json(memory: Memory) -> dict[str, Any]:
    return {
        "id": str(memory.id),
        "text": memory.text,
        "session_id": _id(memory.session_id),
        "message_id": _id(memory.message_id),
        "edited": memory.edited,
        "created_at": _time(memory.created_at),
        "updated_at": _time(memory.updated_at),
    }


def summary_json(summary: Summary) -> dict[str, Any]:
    return {
        "id": str(summary.id),
        "session_id": str(summary.session_id),
        "upto_id": str(summary.upto_id),
        "text": summary.text,
        "edited": summary.edited,
        "run_id": _id(summary.run_id),
        "created_at": _time(summary.created_at),
        "updated_at": _time(summary.updated_at),
    }


def member_json(member: SessionMember) -> dict[str, Any]:
    return {**person_json(member.user), "role": member.role}


def comment_json(comment: Comment) -> dict[str, Any]:
    return {
        "id": str(comment.id),
        "session_id": str(comment.session_id),
        "message_id": str(comment.message_id),
        "author": person_json(comment.author) if comment.author else None,
        "name": comment.name,
        "text": comment.text,
        "created_at": _time(comment.created_at),
    }


def person_json(user: Any) -> dict[str, Any]:
    return {"id": str(user.pk), "name": user.get_full_name() or user.get_username()}


def _id(value: Any) -> str | None:
    return str(value) if value else None


def _time(value: datetime | None) -> str | None:
    return value.isoformat() if value else None


def _money(value: Decimal | None) -> str | None:
    return None if value is None else format(value.normalize(), "f")
