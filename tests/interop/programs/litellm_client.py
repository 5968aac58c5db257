"""What LiteLLM, as a client of Parley, makes of answers and refusals: `litellm_client.py URL KEY MODEL`.

MODEL has LiteLLM's prefix of a vendor, URL is the base URL that this vendor's wire wants. Reads names of
plays, one a line, and prints for each what came of it as JSON.
"""

import asyncio
import json
import sys
from typing import Any

import litellm

ASK = [{"role": "user", "content": "Tell me"}]
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}
STREAMS: list[Any] = []
TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": SCHEMA}}]


async def whole(settings: dict[str, Any]) -> Any:
    answer = await litellm.acompletion(messages=ASK, **settings)
    return [answer.choices[0].message.content, answer.usage.total_tokens]


async def streamed(settings: dict[str, Any]) -> Any:
    options = {"include_usage": True}
    stream = await litellm.acompletion(messages=ASK, stream=True, stream_options=options, **settings)
    chunks = [chunk async for chunk in stream]
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    usage = [chunk.usage.total_tokens for chunk in chunks if getattr(chunk, "usage", None)]
    return [text, usage[-1]]


async def tools(settings: dict[str, Any]) -> Any:
    """The call that was made, and the messages of a second turn that brings its result."""
    first = await litellm.acompletion(messages=ASK, tools=TOOLS, **settings)
    call = first.choices[0].message.tool_calls[0]
    result = {"role": "tool", "tool_call_id": call.id, "content": "sunny 晴"}
    conversation = [*ASK, first.choices[0].message.model_dump(), result]
    second = await litellm.acompletion(messages=conversation, tools=TOOLS, **settings)
    return [call.function.name, json.loads(call.function.arguments), second.choices[0].finish_reason]


async def wrong_key(settings: dict[str, Any]) -> Any:
    return await refused({**settings, "api_key": "wrong"})


async def unknown_model(settings: dict[str, Any]) -> Any:
    vendor = settings["model"].partition("/")[0]
    return await refused({**settings, "model": f"{vendor}/nobody/knows"})


async def begins(settings: dict[str, Any]) -> Any:
    """The first words of an answer that goes on; its stream stays open."""
    STREAMS.append(await litellm.acompletion(messages=ASK, stream=True, **settings))
    async for chunk in STREAMS[-1]:
        if chunk.choices[0].delta.content:
            return chunk.choices[0].delta.content
    return ""


async def refused(settings: dict[str, Any]) -> Any:
    try:
        await litellm.acompletion(messages=ASK, **settings)
    except Exception as error:
        return [type(error).__name__, getattr(error, "status_code", None)]
    return None


PLAYS = (whole, streamed, tools, wrong_key, unknown_model, begins)


async def main(url: str, key: str, model: str) -> None:
    litellm.telemetry = False
    litellm.suppress_debug_info = True  # it writes to stdout
    settings = {"model": model, "api_base": url, "api_key": key, "max_tokens": 99, "num_retries": 0}
    plays = {play.__name__: play for play in PLAYS}
    for line in sys.stdin:  # one play at a time, when the test has set the scene
        sys.stdout.write(json.dumps(await plays[line.strip()](settings)) + "\n")
        sys.stdout.flush()


asyncio.run(main(*sys.argv[1:]))
