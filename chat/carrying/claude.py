"""Claude's export: `conversations.json`, a list of conversations with `chat_messages`."""

from collections.abc import Mapping
from typing import Any

from chat.carrying.conversation import Conversation, Said
from chat.carrying.trees import Node, conversation_of, time_of
from providers.parts import TextPart


def is_claude(item: Mapping[str, Any]) -> bool:
    return isinstance(item.get("chat_messages"), list)


def from_claude(item: Mapping[str, Any]) -> Conversation:
    """Older exports know no parents: there each message follows the one before it."""
    messages = [message for message in item["chat_messages"] if isinstance(message, dict)]
    keys = [str(message.get("uuid") or place) for place, message in enumerate(messages)]
    before = [None, *keys]
    nodes = [
        Node(key=key, parent=message.get("parent_message_uuid") or before[place], said=_said(message))
        for place, (key, message) in enumerate(zip(keys, messages, strict=True))
    ]
    return conversation_of(str(item.get("name") or ""), nodes, keys[-1] if keys else None)


def _said(message: Mapping[str, Any]) -> Said | None:
    role = {"human": "user", "assistant": "assistant"}.get(str(message.get("sender")))
    texts = [_text(message), *map(_attachment, message.get("attachments") or [])]
    parts = tuple(TextPart(text=text) for text in texts if text)
    if role is None or not parts:
        return None
    return Said(
        id=0,
        role="user" if role == "user" else "assistant",
        parts=parts,
        created_at=time_of(message.get("created_at")),
    )


def _text(message: Mapping[str, Any]) -> str:
    blocks = [block for block in message.get("content") or [] if isinstance(block, dict)]
    said = "\n\n".join(str(block.get("text") or "") for block in blocks if block.get("type") == "text")
    return (said or str(message.get("text") or "")).strip()


def _attachment(attachment: Mapping[str, Any]) -> str:
    """A document whose text the export holds."""
    text = str(attachment.get("extracted_content") or "")
    return f"\n\n{attachment.get('file_name') or ''}\n\n{text}" if text else ""
