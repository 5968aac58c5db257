"""ChatGPT's export: `conversations.json`, a list of conversations, each a `mapping` of nodes by id.

Words and code are taken over; pictures are named, for their bytes lie elsewhere. Hidden messages, the model's
thoughts and its tools' work are passed over.
"""

from collections.abc import Mapping
from typing import Any, Final

from chat.carrying.conversation import Conversation, Said
from chat.carrying.trees import Node, conversation_of, time_of
from providers.parts import TextPart

PICTURE: Final = "[image]"  # stands where one was
_SPOKEN: Final = {"text", "multimodal_text", "code"}


def is_chatgpt(item: Mapping[str, Any]) -> bool:
    return isinstance(item.get("mapping"), dict)


def from_chatgpt(item: Mapping[str, Any]) -> Conversation:
    nodes = [_node(key, node) for key, node in item["mapping"].items() if isinstance(node, dict)]
    return conversation_of(str(item.get("title") or ""), nodes, item.get("current_node"))


def _node(key: str, node: Mapping[str, Any]) -> Node:
    return Node(key=key, parent=node.get("parent"), said=_said(node.get("message") or {}))


def _said(message: Mapping[str, Any]) -> Said | None:
    role = (message.get("author") or {}).get("role")
    about = message.get("metadata") or {}
    text = _text(message.get("content") or {})
    if role not in ("user", "assistant") or about.get("is_visually_hidden_from_conversation") or not text:
        return None
    return Said(
        id=0,
        role=role,
        parts=(TextPart(text=text),),
        model=str(about.get("model_slug") or "")[:200],
        created_at=time_of(message.get("create_time")),
    )


def _text(content: Mapping[str, Any]) -> str:
    kind = content.get("content_type")
    if kind not in _SPOKEN:
        return ""
    if kind == "code":
        return f"```\n{content.get('text') or ''}\n```"
    parts = content.get("parts") or []
    return "\n".join(part if isinstance(part, str) else PICTURE for part in parts).strip()
