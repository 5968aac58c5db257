"""Open WebUI's export: a list of rows whose `chat` has a `history` of messages by id."""

from collections.abc import Mapping
from typing import Any

from chat.carrying.conversation import Conversation, Said
from chat.carrying.trees import Node, conversation_of, time_of
from providers.parts import TextPart


def is_open_webui(item: Mapping[str, Any]) -> bool:
    chat = item.get("chat")
    return isinstance(chat, dict) and isinstance((chat.get("history") or {}).get("messages"), dict)


def from_open_webui(item: Mapping[str, Any]) -> Conversation:
    chat = item["chat"]
    history = chat["history"]
    messages = {key: one for key, one in history["messages"].items() if isinstance(one, dict)}
    nodes = [Node(key=key, parent=one.get("parentId"), said=_said(one)) for key, one in messages.items()]
    title = item.get("title") or chat.get("title") or ""
    return conversation_of(str(title), nodes, history.get("currentId"))


def _said(message: Mapping[str, Any]) -> Said | None:
    role, text = message.get("role"), _text(message.get("content"))
    if role not in ("user", "assistant", "system") or not text:
        return None
    model = str(message.get("model") or "")[:200]
    when = time_of(message.get("timestamp"))
    return Said(id=0, role=role, parts=(TextPart(text=text),), model=model, created_at=when)


def _text(content: Any) -> str:
    if isinstance(content, list):
        content = "\n".join(str(one.get("text") or "") for one in content if isinstance(one, dict))
    return str(content or "").strip()
