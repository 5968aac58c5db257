"""AgentOS, Agno's own server, with an agent whose model is played: `agent_os.py PORT`."""

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from agno.agent import Agent
from agno.metrics import MessageMetrics
from agno.models.base import Model
from agno.models.response import ModelResponse
from agno.os import AgentOS

PIECES = ("Hel", "lo 👩‍👩‍👧 ", "你\u2028好", " from the agent.")


@dataclass
class PlayedModel(Model):
    id: str = "played"

    async def ainvoke_stream(self, messages: Any, *args: Any, **kwargs: Any) -> AsyncIterator[ModelResponse]:
        slow = "slowly" in messages[-1].content
        for piece in PIECES * (1000 if slow else 1):
            yield ModelResponse(content=piece)
            await asyncio.sleep(0.02 if slow else 0)
        yield ModelResponse(response_usage=MessageMetrics(input_tokens=4, output_tokens=3, total_tokens=7))

    def invoke(self, *args: Any, **kwargs: Any) -> Any: ...
    async def ainvoke(self, *args: Any, **kwargs: Any) -> Any: ...
    def invoke_stream(self, *args: Any, **kwargs: Any) -> Any: ...
    def _parse_provider_response(self, response: Any, **kwargs: Any) -> Any: ...
    def _parse_provider_response_delta(self, response: Any) -> Any: ...


agent = Agent(id="parrot", name="Parrot", model=PlayedModel(), telemetry=False)
agent_os = AgentOS(agents=[agent], telemetry=False)

if __name__ == "__main__":
    agent_os.serve(app=agent_os.get_app(), host="127.0.0.1", port=int(sys.argv[1]))
