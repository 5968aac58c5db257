"""The output items of OpenAI's responses, as JSON objects: one shape for frames and for the whole object."""

from typing import Any

from chat.dialects.contract import Context
from providers.events import File, FinishReason, Source, Usage

INCOMPLETE: dict[FinishReason, str] = {
    "length": "max_output_tokens",
    "context": "max_output_tokens",
    "content_filter": "content_filter",
}


def message_item(item_id: str, status: str, content: list[Any]) -> dict[str, Any]:
    return {"id": item_id, "type": "message", "status": status, "role": "assistant", "content": content}


def text_content(text: str, annotations: list[Any]) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": annotations, "logprobs": []}


def reasoning_item(item_id: str, status: str, summary: list[Any], sealed: str = "") -> dict[str, Any]:
    item = {"id": item_id, "type": "reasoning", "status": status, "summary": summary}
    return {**item, "encrypted_content": sealed} if sealed else item


def summary_text(text: str) -> dict[str, Any]:
    return {"type": "summary_text", "text": text}


def call_item(item_id: str, call_id: str, name: str, arguments: str, status: str) -> dict[str, Any]:
    item = {"id": item_id, "type": "function_call", "status": status}
    return {**item, "call_id": call_id, "name": name, "arguments": arguments}


def server_call_item(item_id: str, name: str, arguments: str, status: str, **outcome: Any) -> dict[str, Any]:
    """A tool that this server ran, told as a call to a remote tool server: nobody has to answer it."""
    item = {"id": item_id, "type": "mcp_call", "server_label": "parley", "status": status}
    return {**item, "name": name, "arguments": arguments, "output": None, "error": None, **outcome}


def citation(source: Source, position: int) -> dict[str, Any]:
    """`position` is where the text is, for sources that name no span of it."""
    if not source.url:
        name = source.title or source.file_id
        return {"type": "file_citation", "file_id": source.file_id, "filename": name, "index": position}
    start = position if source.start is None else source.start
    end = position if source.end is None else source.end
    place = {"start_index": start, "end_index": end}
    return {"type": "url_citation", "url": source.url, "title": source.title or source.url, **place}


def image_item(item_id: str, status: str, file: File) -> dict[str, Any]:
    """`result` is base64 where the picture is in the stream; `url` is ours, for those that are kept."""
    item: dict[str, Any] = {"id": item_id, "type": "image_generation_call", "status": status}
    item["result"] = file.data or None if status == "completed" else None
    kept = file.url or (file.file_id and f"/api/files/{file.file_id}/content/")
    return {**item, "url": kept} if kept else item


def usage_json(usage: Usage) -> dict[str, Any]:
    cached = {"cached_tokens": usage.cache_read_tokens, "cache_write_tokens": usage.cache_write_tokens}
    return {
        "input_tokens": usage.input_tokens,
        "input_tokens_details": cached,
        "output_tokens": usage.output_tokens,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        "total_tokens": usage.total_tokens,
    }


def response_json(context: Context, status: str, output: list[Any], **more: Any) -> dict[str, Any]:
    """A `response` object. `context.options["asked"]` holds the request's fields that are repeated in it."""
    return {
        "id": f"resp_{context.id}",
        "object": "response",
        "created_at": context.created,
        "status": status,
        "background": False,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "max_output_tokens": None,
        "metadata": {},
        "model": context.model,
        "output": output,
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "reasoning": {"effort": None, "summary": None},
        "store": False,
        "temperature": None,
        "text": {"format": {"type": "text"}},
        "tool_choice": "auto",
        "tools": [],
        "top_p": None,
        "truncation": "disabled",
        "usage": None,
        "user": None,
        **context.options.get("asked", {}),
        **more,
    }
