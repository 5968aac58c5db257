"""Stops and sends from everywhere at once: stopped is stopped, and one question is asked once."""

import asyncio
import time
import uuid
from collections.abc import Sequence

from tests.chaos.plays import fault
from tests.chaos.stage import Asked, Stage
from tests.clients import Socket
from tests.fakes.provider import Received

AT_ONCE = 0.5  # seconds from the stop to the closed upstream socket
BY_THE_BEAT = 5.0  # the same while Redis is away and the next beat has to find it


async def stop_from_the_other_web(stage: Stage, asked: Asked) -> float:
    return await end_of_upstreams(stage, asked.run_id, asked.requests[:1])


async def end_of_upstreams(stage: Stage, run_id: str, upstreams: Sequence[Received]) -> float:
    """Stop from another web process. Seconds until the provider saw the last of these lines closed."""
    async with await Socket.open(stage.shape.web_ws_url(1), stage.shape.keys["alice"]) as socket:
        began = time.monotonic()
        reply = await socket.ask("run.cancel", run_id=run_id)
    stage.expect(reply["ok"], f"the stop was refused: {reply}")
    async with asyncio.timeout(30):
        for upstream in upstreams:
            await upstream.closed.wait()
    return max(upstream.closed_at or 0 for upstream in upstreams) - began


@fault("stop from another web process")
async def stop(stage: Stage) -> None:
    taken = []
    for _ in range(5):
        asked = await stage.ask(tokens=2_000, sockets=1)
        asked.statuses = ("cancelled",)
        await asked.shown(0.01)
        asked.strike()
        taken.append(await stop_from_the_other_web(stage, asked))
        await asked.over()
    stage.facts["closed"] = [f"{seconds * 1000:.0f} ms" for seconds in taken]
    stage.expect(max(taken) <= AT_ONCE, f"the upstream was closed after {max(taken):.2f} s")


@fault("stop while Redis is away")
async def stop_without_redis(stage: Stage) -> None:
    asked = await stage.ask(tokens=2_000)
    asked.statuses = ("cancelled",)
    await asked.shown(0.01)
    stage.shape.redis.kill()
    asked.strike()
    taken = await stop_from_the_other_web(stage, asked)
    await asked.over()
    stage.facts["closed"] = [f"{taken * 1000:.0f} ms"]
    stage.expect(taken <= BY_THE_BEAT, f"the upstream was closed after {taken:.2f} s")
    stage.shape.redis.start()


@fault("20 sends of one client_id, over both web processes and both doors", short=True)
async def one_client_id(stage: Stage) -> None:
    question = f"q-{uuid.uuid4().hex}"
    stage.shape.provider.play(question, text="Once.")
    body = {"client_id": uuid.uuid4().hex, "text": question, "model": f"openai/{question}"}
    async with stage.api() as api:
        session_id = (await api.session())["id"]
        sends = [_over_rest(stage, n % 2, session_id, body) for n in range(10)]
        sends += [_over_socket(stage, n % 2, session_id, body) for n in range(10)]
        answers = await asyncio.gather(*sends)
        await api.ended(answers[0])
        messages = await api.messages(session_id)
    stage.expect(len(set(answers)) == 1, f"{len(set(answers))} runs for one client_id")
    asked = [request for request in stage.shape.provider.requests if question in str(request.body)]
    stage.expect(len(asked) == 1, f"{len(asked)} requests to the provider for one client_id")
    stage.expect(len(messages) == 2, f"{len(messages)} messages for one client_id")
    stage.facts.update(runs=len(set(answers)), requests=len(asked))


async def _over_rest(stage: Stage, web: int, session_id: str, body: dict[str, str]) -> str:
    async with stage.api(stage.shape.web_url(web)) as api:
        sent = await api.send(session_id, **body)
    return str(sent["runs"][0]["id"])


async def _over_socket(stage: Stage, web: int, session_id: str, body: dict[str, str]) -> str:
    async with await Socket.open(stage.shape.web_ws_url(web), stage.shape.keys["alice"]) as socket:
        reply = await socket.ask("message.send", session_id=session_id, **body)
    stage.expect(reply["ok"], f"a repeated send was refused: {reply}")
    return str(reply["runs"][0]["id"]) if reply["ok"] else ""
