"""The official SDKs as one of the cast, against the started server."""

from collections.abc import AsyncIterator
from typing import Any

import anthropic
import openai
import pytest


@pytest.fixture
async def openai_sdk(server: Any) -> AsyncIterator[openai.AsyncOpenAI]:
    client = openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key=server.keys["alice"], max_retries=0)
    async with client:
        yield client


@pytest.fixture
async def anthropic_sdk(server: Any) -> AsyncIterator[anthropic.AsyncAnthropic]:
    client = anthropic.AsyncAnthropic(base_url=server.url, api_key=server.keys["alice"], max_retries=0)
    async with client:
        yield client
