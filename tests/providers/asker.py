"""A process of its own that asks many times at once: `python -m tests.providers.asker URL COUNT MOST`.

Says "ready", begins at a line on its input, and says how many were answered.
"""

import asyncio
import os
import sys

import django


async def main(url: str, count: int, most: int) -> None:
    from providers.asking import Asking
    from providers.contract import ChatMessage, ChatRequest, ProviderConfig
    from providers.parts import TextPart
    from providers.routing import Candidate, Limits, Plan
    from providers.secrets import Secret
    from providers.switchboard import close_switchboard, switchboard

    config = ProviderConfig(provider_id="shared", kind="openai", base_url=url, api_key=Secret("sk"))
    plan = Plan(candidates=(Candidate(config=config, model="m", limits=Limits(max_concurrency=most)),))
    asked = ChatMessage(role="user", parts=(TextPart(text="Hello"),))
    request = ChatRequest(model="", messages=(asked,))

    async def one() -> bool:
        return [event.type async for event in Asking(plan, request).events()][-1] == "finish"

    switchboard()
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    print(sum(await asyncio.gather(*(one() for _ in range(count)))), flush=True)
    await close_switchboard()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    django.setup()
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
