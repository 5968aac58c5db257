"""Our request as what an agent is asked. Its tools and instructions are its own."""

from typing import Final

from providers.adapters.turns import Turn, inlined, turns
from providers.contract import ChatRequest
from providers.parts import MediaPart, Part, TextPart

EARLIER: Final = "What was said before:"
NOW: Final = "Now:"


def said(request: ChatRequest) -> list[dict[str, str]]:
    """Role and words of each message, for an agent that takes a conversation."""
    system = [{"role": "system", "content": request.system}] if request.system else []
    spoken = [
        {"role": turn.role, "content": _words_of(turn)} for turn in turns(request) if turn.role != "tool"
    ]
    return system + [message for message in spoken if message["content"]]


def told(request: ChatRequest) -> str:
    """The same as one text, for AgentOS, which takes no conversation but one message."""
    *earlier, last = said(request) or [{"role": "user", "content": ""}]
    if not earlier:
        return last["content"]
    lines = [f"{message['role']}: {message['content']}" for message in earlier]
    return "\n\n".join([EARLIER, *lines, NOW, last["content"]])


def _words_of(turn: Turn) -> str:
    return "".join(_words(part) for part in turn.parts)


def _words(part: Part) -> str:
    if isinstance(part, MediaPart):
        return inlined(part)
    return part.text if isinstance(part, TextPart) else ""
