"""Small exports, laid out as their programs do it: a question, an answer, and another version of it."""

from typing import Any

QUESTION, ANSWER, OTHER = "Where do quokkas live? 短尾矮袋鼠", "On **Rottnest**.", "In Australia."


def _chatgpt(role: str, text: str, parent: str | None, **more: Any) -> dict[str, Any]:
    message = {
        "author": {"role": role},
        "content": {"content_type": "text", "parts": [text]},
        "create_time": 1697000000.5,
        "metadata": {"model_slug": "gpt-4o"} if role == "assistant" else {},
        **more,
    }
    return {"message": message, "parent": parent, "children": []}


HIDDEN = {"metadata": {"is_visually_hidden_from_conversation": True}}
CHATGPT = {
    "title": "Quokkas",
    "create_time": 1697000000.0,
    "current_node": "d",
    "mapping": {
        "d": _chatgpt("assistant", ANSWER, "t"),
        "root": {"message": None, "parent": None, "children": ["s"]},
        "s": _chatgpt("system", "You are ChatGPT", "root", **HIDDEN),
        "q": _chatgpt("user", QUESTION, "s"),
        "t": {
            **_chatgpt("tool", "", "q"),
            "message": {"author": {"role": "tool"}, "content": {"content_type": "execution_output"}},
        },
        "e": _chatgpt("assistant", OTHER, "q"),
    },
}
CLAUDE = {
    "uuid": "0b",
    "name": "Quokkas",
    "chat_messages": [
        {
            "uuid": "1",
            "sender": "human",
            "text": QUESTION,
            "content": [],
            "created_at": "2024-05-01T10:00:00.5+00:00",
        },
        {
            "uuid": "2",
            "sender": "assistant",
            "parent_message_uuid": "1",
            "content": [{"type": "text", "text": OTHER}],
        },
        {
            "uuid": "3",
            "sender": "assistant",
            "parent_message_uuid": "1",
            "content": [{"type": "thinking"}, {"type": "text", "text": ANSWER}],
        },
    ],
}
OPEN_WEBUI = {
    "id": "x",
    "title": "Quokkas",
    "chat": {
        "history": {
            "currentId": "c",
            "messages": {
                "a": {
                    "id": "a",
                    "parentId": None,
                    "role": "user",
                    "content": QUESTION,
                    "timestamp": 1714557600,
                },
                "b": {"id": "b", "parentId": "a", "role": "assistant", "content": OTHER, "model": "llama3"},
                "c": {"id": "c", "parentId": "a", "role": "assistant", "content": ANSWER, "model": "llama3"},
            },
        }
    },
}
FOREIGN = {"chatgpt": CHATGPT, "claude": CLAUDE, "open_webui": OPEN_WEBUI}
