"""Real servers of others as providers of a started Parley, set up over REST and read over SSE."""

import uuid
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest

from tests.clients import Api, eventually, read_sse
from tests.interop.servers import KEY
from tests.interop.tap import Tap

SAID = "Hello 👩‍👩‍👧 你\u2028好 from the"
PIECES = ["Hel", "lo 👩‍👩‍👧 ", "你\u2028好"]
REFUSED = "provider_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """`path` follows the server's address in the base URL. Where `text` is empty, the server is asked for the
    same without Parley. `tokens` are input and output; None where the server does not know them. `unknown`
    is the code for a model that it has not; empty where it answers whatever the model is called. Without a
    database LiteLLM refuses keys and models with a 400 that has no code. aimock does not list deployments."""

    server: str
    settings: dict[str, Any]
    path: str = ""
    model: str = "parrot"
    text: str = ""
    tokens: tuple[int, int] | None = (4, 3)
    unknown: str = "model_not_found"
    wrong_key: str = "provider_key_rejected"
    lists_models: bool = True
    options: dict[str, Any] = field(default_factory=dict)


def _litellm(settings: dict[str, Any], **more: Any) -> Upstream:
    return Upstream(server="litellm", settings=settings, unknown=REFUSED, wrong_key=REFUSED, **more)


def _aimock(settings: dict[str, Any], **more: Any) -> Upstream:
    return Upstream(server="aimock", settings=settings, text=f"{SAID} mock.", **more)


UPSTREAMS = {
    "litellm-chat": _litellm({"kind": "openai-compatible"}, path="/v1", text=f"{SAID} proxy.", tokens=None),
    "litellm-messages": _litellm({"kind": "anthropic"}, model="relay", text="".join(PIECES), tokens=(7, 3)),
    "litellm-responses": _litellm(
        {"kind": "openai", "extra": {"api": "responses"}},
        path="/v1",
        model="relay",
        text="".join(PIECES),
        tokens=(7, 3),
    ),
    "agent-os": Upstream(server="agent_os", settings={"kind": "agno"}, text=f"{SAID} agent."),
    "llama.cpp": Upstream(
        server="llama",
        settings={"preset": "llama-cpp"},
        path="/v1",
        tokens=(16, 60),
        unknown="",
        options={"max_tokens": 60},
    ),
    "aimock-chat": _aimock({"kind": "openai"}, path="/v1"),
    "aimock-responses": _aimock({"kind": "openai", "extra": {"api": "responses"}}, path="/v1"),
    "aimock-anthropic": _aimock({"kind": "anthropic"}),
    "aimock-azure": _aimock({"kind": "azure"}, lists_models=False),
    "aimock-ollama": _aimock({"kind": "ollama"}, tokens=None),
}


@dataclass(frozen=True, slots=True)
class Stage:
    """An upstream behind a tap, and alice."""

    upstream: Upstream
    url: str
    tap: Tap
    alice: Api

    async def provider(self, key: str = KEY) -> str:
        """Sets the upstream up as a provider of its own; gives its id."""
        name = f"p{uuid.uuid4().hex[:8]}"
        base_url = f"http://127.0.0.1:{self.tap.port}{self.upstream.path}"
        models = [self.upstream.model, "nobody"]
        body = {"id": name, "base_url": base_url, "api_key": key, "models": models, **self.upstream.settings}
        made = await self.alice.http.post("/api/providers/", json=body)
        assert made.status_code == 201, made.text
        return name

    async def ask(self, provider: str, text: str = "Tell me", **more: Any) -> dict[str, Any]:
        """The run that was begun."""
        session = await self.alice.session()
        model = f"{provider}/{more.pop('model', self.upstream.model)}"
        return dict((await self.alice.send(session["id"], text, model=model, **more))["runs"][0])

    async def expected(self) -> str:
        """What the server says to somebody who asks it without Parley."""
        if self.upstream.text:
            return self.upstream.text
        body = {
            "model": self.upstream.model,
            "messages": [{"role": "user", "content": "Tell me"}],
            **self.upstream.options,
        }
        headers = {"Authorization": f"Bearer {KEY}"}
        async with httpx2.AsyncClient(headers=headers, timeout=60) as client:
            answer = await client.post(f"{self.url}/v1/chat/completions", json=body)
        return str(answer.json()["choices"][0]["message"]["content"])


@pytest.fixture(params=UPSTREAMS)
async def stage(request: pytest.FixtureRequest, server: Any, vendor: Any) -> Any:
    upstream = UPSTREAMS[request.param]
    running = request.getfixturevalue(upstream.server)
    vendor.play(pieces=PIECES, cut=3)
    with Tap(running.port) as tap:
        async with Api(server.url, server.keys["alice"]) as alice:
            yield Stage(upstream, running.url, tap, alice)


async def test_a_streamed_answer_is_what_the_server_said(stage: Stage) -> None:
    run = await stage.ask(await stage.provider(), options=stage.upstream.options)
    frames = [frame async for frame in read_sse(stage.alice, run["id"], 0)]
    ended = await stage.alice.run(run["id"])
    stored = (await stage.alice.messages(run["session_id"]))[run["message_id"]]
    said = [frame["delta"] for frame in frames if frame["type"] == "text-delta"]
    assert ended["status"] == "completed", ended["error"]
    assert "".join(said) == stored["text"] == await stage.expected()
    if stage.upstream.tokens:
        usage = ended["usage"]
        assert (usage["input_tokens"], usage["output_tokens"]) == stage.upstream.tokens
        assert not usage["estimated"]


@pytest.mark.parametrize("stage", [name for name, it in UPSTREAMS.items() if it.lists_models], indirect=True)
async def test_the_servers_own_list_has_the_model(stage: Stage) -> None:
    provider = await stage.provider()
    checked = (await stage.alice.http.post(f"/api/providers/{provider}/check/")).json()
    assert checked["status"] == "ok", checked
    assert stage.upstream.model in str(checked["models"])


async def test_a_wrong_key_is_told(stage: Stage) -> None:
    run = await stage.ask(await stage.provider(key="sk-wrong"))
    ended = await stage.alice.ended(run["id"])
    assert (ended["status"], ended["error"]["code"]) == ("failed", stage.upstream.wrong_key)
    assert "sk-wrong" not in str(ended)


@pytest.mark.parametrize("stage", [name for name, it in UPSTREAMS.items() if it.unknown], indirect=True)
async def test_a_model_that_it_has_not_is_told(stage: Stage) -> None:
    run = await stage.ask(await stage.provider(), model="nobody")
    ended = await stage.alice.ended(run["id"])
    assert (ended["status"], ended["error"]["code"]) == ("failed", stage.upstream.unknown)


async def test_a_stop_closes_the_connection(stage: Stage, vendor: Any) -> None:
    vendor.play(pieces=["word "] * 5000, rate=50)
    run = await stage.ask(await stage.provider(), "Tell me slowly", model=slow_model(stage.upstream))
    async for frame in read_sse(stage.alice, run["id"], 0):
        if frame["type"] == "text-delta":
            break
    (streaming,) = [connection for connection in stage.tap.connections if b"slowly" in connection.asked]
    assert not streaming.left
    await stage.alice.http.post(f"/api/runs/{run['id']}/cancel/")
    assert (await stage.alice.ended(run["id"]))["status"] == "cancelled"

    async def left() -> bool:
        return streaming.left

    await eventually(left)


def slow_model(upstream: Upstream) -> str:
    """LiteLLM's mock answers come at once."""
    return "relay" if upstream.server == "litellm" else upstream.model
