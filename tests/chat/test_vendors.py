"""Through the vendors' wires over TCP: what the provider sent is what is stored and what every reader got."""

from typing import Any

import pytest

from tests.browser.texts import long_answer
from tests.clients import Api, ClientState, Socket, eventually, read_ndjson, read_poll, read_sse

MODELS = {"openai": "openai/gpt-fake", "anthropic": "anthropic/claude-fake"}
PIECES = long_answer(2000)


@pytest.mark.parametrize("vendor_name", MODELS)
@pytest.mark.parametrize("cut", [7, 4096])
async def test_a_long_answer_arrives_byte_for_byte_everywhere(
    server: Any, vendor: Any, vendor_name: str, cut: int
) -> None:
    vendor.play(pieces=PIECES, cut=cut, reasoning="Let me think. 想一想。")
    async with (
        Api(server.url, server.keys["alice"]) as alice,
        await Socket.open(server.ws_url, server.keys["alice"]) as socket,
    ):
        session = await alice.session()
        await socket.ask("subscribe", session_id=session["id"])
        state = ClientState()
        state.take_snapshot(await socket.frame())
        sent = await alice.send(session["id"], "Tell me", model=MODELS[vendor_name])
        run_id, message_id = sent["runs"][0]["id"], sent["runs"][0]["message_id"]
        read = [
            "".join([frame["delta"] async for frame in frames if frame["type"] == "text-delta"])
            for frames in (
                read_sse(alice, run_id, 0),
                read_ndjson(alice, run_id, 0),
                read_poll(alice, run_id, 0),
            )
        ]
        while state.messages.get(message_id, {}).get("status") != "complete":
            state.apply(await socket.event())
        stored = (await alice.messages(session["id"]))[message_id]
    assert stored["text"] == "".join(PIECES)
    assert read == [stored["text"]] * 3
    assert state.messages[message_id] == stored
    assert [part["text"] for part in stored["parts"] if part["type"] == "reasoning"] == [
        "Let me think. 想一想。"
    ]


@pytest.mark.parametrize("vendor_name", MODELS)
async def test_a_stop_closes_the_upstream_and_nothing_comes_after_it(
    server: Any, vendor: Any, vendor_name: str
) -> None:
    vendor.play(pieces=["word "] * 5000, rate=50)
    async with Api(server.url, server.keys["alice"]) as alice:
        session = await alice.session()
        sent = await alice.send(session["id"], "Tell me", model=MODELS[vendor_name])
        run_id = sent["runs"][0]["id"]
        async for frame in read_sse(alice, run_id, 0):
            if frame["type"] == "text-delta":
                break
        upstream = vendor.requests[-1]
        await alice.http.post(f"/api/runs/{run_id}/cancel/")
        run = await alice.ended(run_id)
        await eventually(lambda: _closed(upstream))
        stored = (await alice.messages(session["id"]))[run["message_id"]]
    assert run["status"] == "cancelled"
    assert upstream.sent.startswith(stored["text"])


async def test_a_stop_before_the_first_token_closes_the_upstream(server: Any, vendor: Any) -> None:
    vendor.play(text="never", delay=600)
    async with Api(server.url, server.keys["alice"]) as alice:
        session = await alice.session()
        before = len(vendor.requests)
        sent = await alice.send(session["id"], "Tell me", model=MODELS["openai"])
        await eventually(lambda: _asked(vendor, before))
        await alice.http.post(f"/api/runs/{sent['runs'][0]['id']}/cancel/")
        run = await alice.ended(sent["runs"][0]["id"])
        await eventually(lambda: _closed(vendor.requests[-1]))
    assert run["status"] == "cancelled"


async def test_the_whole_branch_and_the_system_prompt_go_upstream(server: Any, vendor: Any) -> None:
    vendor.play(text="Fine.")
    async with Api(server.url, server.keys["alice"]) as alice:
        session = await alice.session(system_prompt="Be brief.", model=MODELS["openai"])
        for text in ("How are you?", "And now?"):
            await alice.ended((await alice.send(session["id"], text))["runs"][0]["id"])
    said = [(message["role"], message["content"]) for message in vendor.requests[-1].body["messages"]]
    assert said == [
        ("system", "Be brief."),
        ("user", "How are you?"),
        ("assistant", "Fine."),
        ("user", "And now?"),
    ]


async def test_the_key_goes_to_the_provider_and_nowhere_else(server: Any, vendor: Any) -> None:
    key = "sk-canary-openai-0123456789"
    vendor.play(status=401, body={"error": {"message": f"Incorrect API key provided: {key}"}})
    async with Api(server.url, server.keys["alice"]) as alice:
        session = await alice.session()
        sent = await alice.send(session["id"], "Hello", model=MODELS["openai"])
        run = await alice.ended(sent["runs"][0]["id"])
        events = (await alice.http.get(f"/api/runs/{run['id']}/events/")).text
    assert run["error"]["code"] == "provider_key_rejected"
    assert vendor.requests[-1].headers["authorization"] == f"Bearer {key}"
    assert key not in f"{run}{events}"
    assert key not in server.log.read_text()


async def _closed(upstream: Any) -> bool:
    return upstream.closed_at is not None


async def _asked(vendor: Any, before: int) -> bool:
    return len(vendor.requests) > before
