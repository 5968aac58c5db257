"""The dialects by name. Others are added with `register_dialect` or the entry points `parley.dialects`."""

from importlib.metadata import entry_points
from typing import Final

from chat.dialects.ag_ui import AGUI
from chat.dialects.ai_sdk import AISDK
from chat.dialects.anthropic import Anthropic
from chat.dialects.content_studio import ContentStudio
from chat.dialects.contract import Dialect
from chat.dialects.openai_chat import OpenAIChat
from chat.dialects.openai_responses import OpenAIResponses
from chat.dialects.plain_text import PlainText
from chat.dialects.streaming_agent import StreamingAgent
from chat.dialects.streaming_guide import GuideNdjson, GuideSse

ENTRY_POINTS: Final = "parley.dialects"

_registered: dict[str, type[Dialect]] = {
    "openai-chat": OpenAIChat,
    "openai-responses": OpenAIResponses,
    "anthropic": Anthropic,
    "ai-sdk": AISDK,
    "ag-ui": AGUI,
    "guide-sse": GuideSse,
    "guide-ndjson": GuideNdjson,
    "streaming-agent": StreamingAgent,
    "content-studio": ContentStudio,
    "text": PlainText,
}


def register_dialect(name: str, dialect: type[Dialect]) -> None:
    """It goes before a built-in one of the same name."""
    _registered[name] = dialect


def dialect_named(name: str) -> type[Dialect] | None:
    """None for a name that nobody registered."""
    found = _registered.get(name)
    return found or next((point.load() for point in entry_points(group=ENTRY_POINTS, name=name)), None)


def dialect_names() -> list[str]:
    return sorted({*_registered, *(point.name for point in entry_points(group=ENTRY_POINTS))})
