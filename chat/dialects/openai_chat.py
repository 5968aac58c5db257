"""OpenAI's chat completions: `chat.completion.chunk` frames, ended by `data: [DONE]`.

Tools that this server runs are not shown: a client would answer the calls itself. Their steps become one
message. Pages that are cited are annotations; sound is told as the vendor tells it. Other files, sources and
data have no word here and are left out.
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

from chat.dialects.contract import Context
from chat.dialects.failures import openai_type, status_of
from chat.dialects.framing import COMMENT, DONE, EVENT_STREAM, STREAM_HEADERS, data, data_line, to_json
from providers import events
from providers.events import FinishReason, RunEvent, Usage
from providers.parts import AudioPart, Parts, ReasoningPart, SourcePart, ToolCallPart, text_of

FINISH_REASONS: Final[dict[FinishReason, str]] = {
    "length": "length",
    "context": "length",
    "content_filter": "content_filter",
    "tool_calls": "tool_calls",
}
AUDIO_SECONDS: Final = 3600  # the vendor keeps sound for later turns; here its words are what goes back


class OpenAIChat:
    """Option `include_usage`: a last chunk without choices tells the usage."""

    content_type: ClassVar[str] = EVENT_STREAM
    headers: ClassVar[Mapping[str, str]] = STREAM_HEADERS
    keep_alive: ClassVar[bytes] = COMMENT

    def __init__(self, context: Context) -> None:
        self._usage: Usage | None = None
        self._tells_usage = bool(context.options.get("include_usage"))
        self._calls: dict[str, int] = {}
        self._with_arguments: set[str] = set()
        self._begun = False
        self._cited = 0
        self._common = head(context, "chat.completion.chunk")
        start = to_json(self._common)[:-1]
        self._head = start + b',"choices":[{"index":0,"delta":'
        self._tail = b',"logprobs":null,"finish_reason":null}]' + self._no_usage + b"}"

    def encode(self, event: RunEvent, seq: int = 0) -> bytes:
        handle = _HANDLERS.get(type(event))
        if handle is None:
            return b""
        if self._begun or isinstance(event, events.Error):
            return handle(self, event)
        self._begun = True
        return self._chunk({"role": "assistant", "content": ""}) + handle(self, event)

    def _chunk(self, delta: Mapping[str, Any]) -> bytes:
        return data_line(self._head + to_json(delta) + self._tail)

    @property
    def _no_usage(self) -> bytes:
        return b',"usage":null' if self._tells_usage else b""

    def _start(self, event: events.RunStart) -> bytes:
        return b""

    def _text(self, event: events.TextDelta) -> bytes:
        return self._chunk({"content": event.delta})

    def _reasoning(self, event: events.ReasoningDelta) -> bytes:
        return self._chunk({"reasoning_content": event.delta})

    def _call(self, event: events.ToolInputStart) -> bytes:
        if event.executor != "client":
            return b""
        index = self._calls[event.tool_call_id] = len(self._calls)
        function = {"name": event.tool_name, "arguments": ""}
        call = {"index": index, "id": event.tool_call_id, "type": "function", "function": function}
        return self._chunk({"tool_calls": [call]})

    def _arguments(self, event: events.ToolInputDelta) -> bytes:
        index = self._calls.get(event.tool_call_id)
        if index is None or not event.delta:
            return b""
        self._with_arguments.add(event.tool_call_id)
        return self._chunk({"tool_calls": [{"index": index, "function": {"arguments": event.delta}}]})

    def _called(self, event: events.ToolInputAvailable) -> bytes:
        """A call without arguments gets an empty object: clients parse what they got."""
        if event.tool_call_id in self._with_arguments or event.error:
            return b""
        arguments = to_json(event.input or {}).decode()
        return self._arguments(events.ToolInputDelta(tool_call_id=event.tool_call_id, delta=arguments))

    def _source(self, event: events.Source) -> bytes:
        """Clients that put a list together from pieces ask for an index."""
        if not event.url:
            return b""
        self._cited += 1
        return self._chunk({"annotations": [{"index": self._cited - 1, **annotation(_part_of(event))}]})

    def _sound(self, event: events.AudioDelta) -> bytes:
        return self._chunk({"audio": {"data": event.delta}})

    def _report(self, event: events.UsageReport) -> bytes:
        self._usage = event.usage
        return b""

    def _finish(self, event: events.Finish) -> bytes:
        self._usage = event.usage or self._usage
        return self._end(finish_reason(event.reason, has_calls=bool(self._calls)))

    def _abort(self, event: events.Abort) -> bytes:
        return self._end("stop")

    def _end(self, reason: str) -> bytes:
        choice = {"index": 0, "delta": {}, "logprobs": None, "finish_reason": reason}
        last = {**self._common, "choices": [choice]}
        if not self._tells_usage:
            return data(last) + DONE
        told = {**self._common, "choices": [], "usage": usage_json(self._usage or Usage())}
        return data({**last, "usage": None}) + data(told) + DONE

    def _fail(self, event: events.Error) -> bytes:
        return data({"error": error_json(status_of(event.code), event.code, event.message)})


_HANDLERS: Final[dict[type[RunEvent], Callable[[OpenAIChat, Any], bytes]]] = {
    events.RunStart: OpenAIChat._start,
    events.TextDelta: OpenAIChat._text,
    events.ReasoningDelta: OpenAIChat._reasoning,
    events.ToolInputStart: OpenAIChat._call,
    events.ToolInputDelta: OpenAIChat._arguments,
    events.ToolInputAvailable: OpenAIChat._called,
    events.Source: OpenAIChat._source,
    events.AudioDelta: OpenAIChat._sound,
    events.UsageReport: OpenAIChat._report,
    events.Finish: OpenAIChat._finish,
    events.Abort: OpenAIChat._abort,
    events.Error: OpenAIChat._fail,
}


# --- one answer in one piece ------------------------------------------------------------


def completion(context: Context, parts: Parts, reason: FinishReason, usage: Usage | None) -> dict[str, Any]:
    """A `chat.completion` object."""
    calls = [part for part in parts if isinstance(part, ToolCallPart) and part.executor == "client"]
    choice = {
        "index": 0,
        "message": {**_message(parts, calls), **_beside(context, parts)},
        "logprobs": None,
        "finish_reason": finish_reason(reason, has_calls=bool(calls)),
    }
    return {
        **head(context, "chat.completion"),
        "choices": [choice],
        "usage": usage_json(usage or Usage()),
    }


def _message(parts: Parts, calls: list[ToolCallPart]) -> dict[str, Any]:
    text = text_of(parts)
    message: dict[str, Any] = {"role": "assistant", "content": text or None, "refusal": None}
    if not calls:
        message["content"] = text
    if reasoning := "".join(part.text for part in parts if isinstance(part, ReasoningPart)):
        message["reasoning_content"] = reasoning
    if calls:
        message["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments or "{}"},
            }
            for call in calls
        ]
    return message


def _beside(context: Context, parts: Parts) -> dict[str, Any]:
    """What stands beside the text: the pages that it cites, and how it was spoken."""
    told: dict[str, Any] = {}
    if cited := [annotation(part) for part in parts if isinstance(part, SourcePart) and part.url]:
        told["annotations"] = cited
    spoken = next((part for part in parts if isinstance(part, AudioPart) and part.data), None)
    if spoken:
        sound = {"id": f"audio_{context.id}", "data": spoken.data, "transcript": text_of(parts)}
        told |= {"content": None, "audio": {**sound, "expires_at": context.created + AUDIO_SECONDS}}
    return told


def annotation(source: SourcePart) -> dict[str, Any]:
    place = {"start_index": source.start or 0, "end_index": source.end or 0}
    cited = {"url": source.url, "title": source.title or source.url, **place}
    return {"type": "url_citation", "url_citation": cited}


def _part_of(event: events.Source) -> SourcePart:
    return SourcePart(id=event.source_id, url=event.url, title=event.title, start=event.start, end=event.end)


def head(context: Context, kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{context.id}",
        "object": kind,
        "created": context.created,
        "model": context.model,
    }


def finish_reason(reason: FinishReason, *, has_calls: bool) -> str:
    told = FINISH_REASONS.get(reason, "stop")
    return "stop" if told == "tool_calls" and not has_calls else told


def usage_json(usage: Usage) -> dict[str, Any]:
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.total_tokens,
        "prompt_tokens_details": {
            "cached_tokens": usage.cache_read_tokens,
            "cache_write_tokens": usage.cache_write_tokens,
        },
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
    }


def error_json(status: int, code: str, message: str, param: str = "") -> dict[str, Any]:
    return {"message": message, "type": openai_type(status), "param": param or None, "code": code}
