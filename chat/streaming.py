"""The streaming guide's face for Python programs: sessions that stream in a format, generators at a pace.

Thin: the answer is `providers.stream_chat`'s, the formats are dialects, the modes are paces. Needs no server.

    session = get_streaming_manager().create_session()
    async for chunk in session.stream_chat([{"role": "user", "content": "Hello"}], stream_format="sse"):
        ...
    async with streaming_context(GeneratorMode.BUFFERED) as generator:
        async for event in generator.generate([{"role": "user", "content": "Hello"}]):
            print(event.data)
"""

import time
import uuid
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from chat.commands import command_from
from chat.db import in_database
from chat.dialects.contract import Context
from chat.dialects.plain_text import PlainText
from chat.dialects.streaming_guide import GuideNdjson, GuideSocket, GuideSse, told
from chat.errors import Invalid
from chat.gateway.chat_request import ChatBody, request_from
from chat.gateway.guide_request import model_ref
from chat.pacing.paces import Settings
from chat.pacing.pacing import at_pace
from chat.pacing.registry import checked_settings, is_pace
from providers.direct import ChatStream
from providers.events import RunEvent

Messages = Sequence[Mapping[str, Any]]


class StreamFormat(StrEnum):
    SSE = "sse"
    NDJSON = "ndjson"
    WEBSOCKET = "websocket"
    TEXT = "text"


class GeneratorMode(StrEnum):
    STANDARD = "standard"
    BUFFERED = "buffered"
    CHUNKED = "chunked"
    PRIORITY = "priority"


class GeneratorConfig(Settings, frozen=True, kw_only=True):
    """`mode` is a GeneratorMode or the name of a pace of your own; sizes in bytes (buffer) and characters
    (chunk), the interval in seconds; `chunk_by` is word, sentence or paragraph."""

    mode: str = GeneratorMode.STANDARD


@dataclass(frozen=True, slots=True)
class StreamEvent:
    event_type: str
    data: dict[str, Any]


class StreamingGenerator:
    """Events of answers at a pace. Subclass it and override `process` for a mode of your own."""

    def __init__(self, config: GeneratorConfig | None = None) -> None:
        self.config = config or GeneratorConfig()

    async def generate(
        self, messages: Messages, provider_id: str = "", **options: Any
    ) -> AsyncIterator[StreamEvent]:
        """`options` are `model`, `tools`, temperature, … as chat completions have them. Raises Invalid and
        ProviderError."""
        async with aclosing(_events(messages, provider_id, self.config, options)) as events:
            async for event in events:
                made = self.process(event)
                if made is not None:
                    yield made

    def process(self, event: RunEvent) -> StreamEvent | None:
        """None leaves the event out."""
        return StreamEvent(*told(event))


class StreamingGeneratorFactory:
    """Which generator a mode has; a mode that nobody registered has the usual one, at the pace it names."""

    _made: Final[dict[str, type[StreamingGenerator]]] = {}

    @classmethod
    def register(cls, mode: str, generator: type[StreamingGenerator]) -> None:
        cls._made[mode] = generator

    @classmethod
    def create(cls, mode: str, config: GeneratorConfig | None = None) -> StreamingGenerator:
        made = cls._made.get(mode)
        return made(config) if made else StreamingGenerator(config or GeneratorConfig(mode=mode))


@asynccontextmanager
async def streaming_context(
    mode: str = GeneratorMode.STANDARD, config: GeneratorConfig | None = None
) -> AsyncIterator[StreamingGenerator]:
    yield StreamingGeneratorFactory.create(mode, config)


class StreamingSession:
    """Answers in a format, one after the other or several at once."""

    def __init__(self, manager: "StreamingChatManager", session_id: str) -> None:
        self.session_id = session_id
        self._manager = manager

    async def stream_chat(
        self,
        messages: Messages,
        provider_id: str = "",
        stream_format: str = StreamFormat.SSE,
        config: GeneratorConfig | None = None,
        **options: Any,
    ) -> AsyncIterator[str]:
        """Frames of the format, as the door `POST /api/streaming/chat` writes them."""
        kind = _FORMATS.get(stream_format)
        if kind is None:
            raise Invalid(
                f"There is no such format; there are: {', '.join(_FORMATS)}.", field="stream_format"
            )
        context = Context(id=uuid.uuid4().hex, model="", created=int(time.time()), session_id=self.session_id)
        dialect = kind(context)
        with self._manager.counted(self):
            async with aclosing(
                _events(messages, provider_id, config or GeneratorConfig(), options)
            ) as events:
                async for event in events:
                    if frame := dialect.encode(event).decode():
                        yield frame


class StreamingChatManager:
    def __init__(self) -> None:
        self._streaming: Counter[str] = Counter()

    def create_session(self, session_id: str = "") -> StreamingSession:
        return StreamingSession(self, session_id or uuid.uuid4().hex)

    def get_active_sessions_count(self) -> int:
        """Those that stream at this moment, in this process."""
        return len(self._streaming)

    @contextmanager
    def counted(self, session: StreamingSession) -> Iterator[None]:
        self._streaming[session.session_id] += 1
        try:
            yield
        finally:
            self._streaming -= Counter([session.session_id])  # forgets those that stream nothing more


_manager: Final = StreamingChatManager()


def get_streaming_manager() -> StreamingChatManager:
    """The one of this process."""
    return _manager


def create_streaming_chat_response(
    messages: Messages, stream_format: str = StreamFormat.SSE, **more: Any
) -> AsyncIterator[str]:
    """One answer; `more` as for `StreamingSession.stream_chat`."""
    return _manager.create_session().stream_chat(messages, stream_format=stream_format, **more)


_FORMATS: Final[dict[str, type[GuideSse | PlainText]]] = {
    StreamFormat.SSE: GuideSse,
    StreamFormat.NDJSON: GuideNdjson,
    StreamFormat.WEBSOCKET: GuideSocket,
    StreamFormat.TEXT: PlainText,
}


async def _events(
    messages: Messages, provider_id: str, config: GeneratorConfig, options: Mapping[str, Any]
) -> AsyncGenerator[RunEvent, None]:
    if not is_pace(config.mode):
        raise Invalid("There is no such mode.", code="unknown_pace", field="mode")
    checked_settings(config)
    model = await in_database(model_ref, str(options.get("model", "")), provider_id)
    body = {"messages": list(messages), **options, "model": model}
    request = request_from(command_from(ChatBody, body))
    async with aclosing(at_pace(_opened(ChatStream(model, request)), config.mode, config)) as events:
        async for event in events:
            yield event


async def _opened(stream: ChatStream) -> AsyncGenerator[RunEvent, None]:
    async for event in stream:
        yield event
