"""Answers over routes, through the doors: what readers see, what the run records, whom it asks."""

import asyncio
import os
from collections.abc import Iterator
from typing import Any

import pytest

from tests.clients import Api, ClientState, Frame, Socket, eventually, read_sse
from tests.fakes.provider import FakeProvider
from tests.fakes.threaded import ThreadedFakeProvider
from tests.prepared import fresh_database
from tests.server import ParleyServer

KEY = "pk-the-operators-own-key-0123456789"
PROVIDERS = ("first", "second")


@pytest.fixture(scope="module")
def fakes() -> Iterator[dict[str, FakeProvider]]:
    with ThreadedFakeProvider() as first, ThreadedFakeProvider() as second:
        yield {"first": first, "second": second}


@pytest.fixture(scope="module")
def routed(tmp_path_factory: pytest.TempPathFactory, fakes: dict[str, FakeProvider]) -> Iterator[Any]:
    """A server whose operator set up two providers and routes over them."""
    settings = {
        "RUN_IN_WEB": "1",
        "PARLEY_ADMIN_USER": "operator",
        "PARLEY_ADMIN_PASSWORD": "the-operators-pass-word",
        "PARLEY_API_KEY": KEY,
        "PROVIDER_FAILURES": "1000",
        "PROVIDER_QUEUE_SECONDS": "20",
        **fresh_database(f"parley_routes_{os.getpid()}"),
    }
    server = ParleyServer(tmp_path_factory.mktemp("routed"), **settings)
    server.start()
    server.keys = server.cast()
    asyncio.run(_set_up(server, fakes))
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def _quiet(fakes: dict[str, FakeProvider]) -> None:
    for name, fake in fakes.items():
        fake.play(text=f"I am the {name}.")
        fake.requests.clear()


async def _set_up(server: ParleyServer, fakes: dict[str, FakeProvider]) -> None:
    async with Api(server.url, KEY) as operator:
        for position, (name, fake) in enumerate(fakes.items()):
            await _made(
                operator,
                "providers",
                id=name,
                kind="openai-compatible",
                base_url=fake.base_url,
                api_key="sk-canary-of-the-route",
                headers={"x-gateway-key": "Basic canary-of-the-headers"},
                position=position,
                priority=position,
                models=["m", "narrow"],
            )
        targets = [{"provider": name, "model": "m"} for name in PROVIDERS]
        for strategy in ("priority", "race"):
            await _made(
                operator, "routes", name=f"by-{strategy}", strategy=strategy, hedge_after=0.3, targets=targets
            )
        await _made(
            operator,
            "providers",
            id="narrow",
            kind="openai-compatible",
            base_url=fakes["first"].base_url,
            api_key="sk-canary-of-the-route",
            max_concurrency=1,
            models=["m"],
        )


async def _made(operator: Api, what: str, **fields: Any) -> None:
    response = await operator.http.post(f"/api/{what}/", json=fields)
    assert response.status_code == 201, response.text


async def asked(alice: Api, model: str) -> tuple[Frame, list[Frame]]:
    """A run that was sent and read to its end, and its events."""
    session = await alice.session()
    sent = await alice.send(session["id"], "Hello", model=model)
    run_id = sent["runs"][0]["id"]
    frames = [frame async for frame in read_sse(alice, run_id, 0)]
    return await alice.run(run_id), frames


def types(frames: list[Frame]) -> list[str]:
    """Without the answer's own."""
    return [frame["type"] for frame in frames if not frame["type"].startswith("text-")]


def outcomes(run: Frame) -> list[tuple[str, str, str]]:
    return [(step["provider"], step["outcome"], step.get("code", "")) for step in run["steps"]]


async def test_a_fallback_is_seen_by_every_reader_and_kept_with_the_run(routed: Any, fakes: Any) -> None:
    fakes["first"].play(status=429, headers={"retry-after": "0"})
    async with (
        Api(routed.url, routed.keys["alice"]) as alice,
        await Socket.open(routed.ws_url, routed.keys["alice"]) as socket,
    ):
        session = await alice.session()
        await socket.ask("subscribe", session_id=session["id"])
        state = ClientState()
        state.take_snapshot(await socket.frame())
        sent = await alice.send(session["id"], "Hello", model="by-priority")
        run_id, message_id = sent["runs"][0]["id"], sent["runs"][0]["message_id"]
        over_sse = [frame async for frame in read_sse(alice, run_id, 0)]
        over_socket: list[Frame] = []
        while state.messages.get(message_id, {}).get("status") != "complete":
            frame = await socket.event()
            state.apply(frame)
            over_socket += [frame] if frame["stream"] == f"run:{run_id}" else []
        run, message = await alice.run(run_id), (await alice.messages(session["id"]))[message_id]
    assert over_socket == over_sse
    assert types(over_sse) == ["run-start", "retry", "retry", "fallback", "usage", "finish"]
    start, fallback = over_sse[0], next(frame for frame in over_sse if frame["type"] == "fallback")
    assert (start["provider"], start["model"]) == ("first", "m")
    assert (fallback["from"], fallback["to"]) == ("first/m", "second/m")
    assert fallback["reason"] == "provider_rate_limited"
    limited = ("first", "failed", "provider_rate_limited")
    assert outcomes(run) == [limited, limited, limited, ("second", "answered", "")]
    assert run["route"]["name"] == "by-priority"
    assert run["route"]["candidates"] == ["first/m", "second/m"]
    assert (run["provider"], message["provider"], message["text"]) == ("second", "second", "I am the second.")
    assert message["steps"] == run["steps"] and state.messages[message_id] == message
    assert [len(fakes[name].requests) for name in PROVIDERS] == [3, 1]


async def test_a_bare_name_goes_to_the_next_that_offers_it(routed: Any, fakes: Any) -> None:
    fakes["first"].play(status=401)
    async with Api(routed.url, routed.keys["alice"]) as alice:
        run, _ = await asked(alice, "m")
    assert run["status"] == "completed" and run["provider"] == "second"
    assert outcomes(run)[0] == ("first", "failed", "provider_key_rejected")


async def test_a_model_that_is_named_in_full_is_not_replaced(routed: Any, fakes: Any) -> None:
    fakes["first"].play(status=401)
    async with Api(routed.url, routed.keys["alice"]) as alice:
        run, frames = await asked(alice, "first/m")
    assert run["error"]["code"] == "provider_key_rejected"
    assert types(frames) == ["run-start", "error"] and run["route"] is None
    assert [len(fakes[name].requests) for name in PROVIDERS] == [1, 0]


async def test_the_winner_of_a_race_answers_and_the_losers_input_is_recorded(routed: Any, fakes: Any) -> None:
    fakes["first"].play(text="late", delay=600)
    async with Api(routed.url, routed.keys["alice"]) as alice:
        run, frames = await asked(alice, "by-race")
    await eventually(lambda: _hung_up(fakes["first"]))
    assert types(frames) == ["run-start", "fallback", "usage", "finish"]
    assert run["provider"] == "second"
    lost = next(step for step in run["steps"] if step["outcome"] == "lost")
    assert lost["provider"] == "first" and lost["usage"]["estimated"] and lost["usage"]["input_tokens"] > 0


async def test_an_answer_that_breaks_off_is_not_continued_by_somebody_else(routed: Any, fakes: Any) -> None:
    fakes["first"].play(pieces=["Half ", "an ", "answer"], break_after=2)
    async with Api(routed.url, routed.keys["alice"]) as alice:
        run, _ = await asked(alice, "by-priority")
        answer = (await alice.messages(run["session_id"]))[run["message_id"]]
    assert (run["status"], run["provider"], answer["text"]) == ("failed", "first", "Half an ")
    assert len(fakes["second"].requests) == 0


async def test_who_waits_for_a_full_provider_is_told_and_gets_a_turn(routed: Any, fakes: Any) -> None:
    fakes["first"].play(delay=600)
    async with Api(routed.url, routed.keys["alice"]) as alice:
        holder = await _sent(alice, "narrow/m")
        await eventually(lambda: _was_asked(fakes["first"]))
        fakes["first"].play(text="Yes.")
        waiting = []
        for _ in range(2):
            waiting.append(await _sent(alice, "narrow/m"))
            await eventually(lambda run_id=waiting[-1]: _queue_of(alice, run_id))
        await alice.http.post(f"/api/runs/{holder}/cancel/")
        runs = [await alice.ended(run_id) for run_id in waiting]
        queues = [await _queue_of(alice, run_id) for run_id in waiting]
    assert [run["status"] for run in runs] == ["completed"] * 2
    assert [queue[0]["total"] for queue in queues] == [0, 1]
    assert all(frame["label"] == "queue" for queue in queues for frame in queue)


async def _sent(api: Api, model: str) -> str:
    session = await api.session()
    return str((await api.send(session["id"], model=model))["runs"][0]["id"])


async def _was_asked(fake: FakeProvider) -> bool:
    return bool(fake.requests)


async def _queue_of(api: Api, run_id: str) -> list[Frame]:
    """What was said of its place in the queue."""
    page = (await api.http.get(f"/api/runs/{run_id}/events/?after=0")).json()
    return [frame for frame in page["events"] if frame["type"] == "progress"]


@pytest.mark.parametrize("phase", ["queued", "back-off", "before the first token"])
async def test_a_stop_works_at_once_in_every_phase(routed: Any, fakes: Any, phase: str) -> None:
    model, sign, requests = {
        "queued": ("narrow/m", "progress", 1),
        "back-off": ("first/m", "retry", 1),
        "before the first token": ("first/m", "run-start", 1),
    }[phase]
    if phase == "back-off":
        fakes["first"].play(status=429, headers={"retry-after": "9"})
    else:
        fakes["first"].play(text="late", delay=600)
    async with Api(routed.url, routed.keys["alice"]) as alice:
        holder = await _held(alice, fakes["first"]) if phase == "queued" else None
        session = await alice.session()
        sent = await alice.send(session["id"], "Hello", model=model)
        run_id = sent["runs"][0]["id"]
        await _seen(alice, run_id, sign)
        if phase == "before the first token":
            await eventually(lambda: _asked(fakes["first"]))
        await alice.http.post(f"/api/runs/{run_id}/cancel/")
        run = await alice.ended(run_id)
        if phase == "before the first token":
            await eventually(lambda: _hung_up(fakes["first"]))
        if holder:
            await alice.http.post(f"/api/runs/{holder}/cancel/")
            await alice.ended(holder)
    assert run["status"] == "cancelled"
    assert len(fakes["first"].requests) == requests


async def test_who_comes_later_is_told_what_a_run_waits_for(routed: Any, fakes: Any) -> None:
    fakes["first"].play(text="late", delay=600)
    async with (
        Api(routed.url, routed.keys["alice"]) as alice,
        await Socket.open(routed.ws_url, routed.keys["alice"]) as socket,
    ):
        holder = await _held(alice, fakes["first"])
        session = await alice.session()
        sent = await alice.send(session["id"], "Hello", model="narrow/m")
        waiting = sent["runs"][0]["id"]
        await _seen(alice, waiting, "progress")
        await socket.ask("subscribe", session_id=session["id"])
        [run] = (await socket.frame())["runs"]
        for run_id in (waiting, holder):
            await alice.http.post(f"/api/runs/{run_id}/cancel/")
            await alice.ended(run_id)
    assert (run["id"], run["news"]["type"], run["news"]["label"]) == (waiting, "progress", "queue")


async def _held(alice: Api, fake: FakeProvider) -> str:
    """A run that has the only place, and does not give it back."""
    session = await alice.session()
    sent = await alice.send(session["id"], "Hello", model="narrow/m")
    await eventually(lambda: _asked(fake))
    return str(sent["runs"][0]["id"])


async def _seen(alice: Api, run_id: str, type_: str) -> None:
    async for frame in read_sse(alice, run_id, 0):
        if frame["type"] == type_:
            return


async def _asked(fake: FakeProvider) -> bool:
    return bool(fake.requests)


async def _hung_up(fake: FakeProvider) -> bool:
    return fake.requests[0].closed_at is not None


# --- for operators --------------------------------------------------------------------------


async def test_health_and_statistics_tell_how_it_went(routed: Any, fakes: Any) -> None:
    fakes["first"].play(status=422)
    async with Api(routed.url, routed.keys["alice"]) as alice, Api(routed.url, KEY) as operator:
        await asked(alice, "first/narrow")
        fakes["first"].play(text="Fine.")
        await asked(alice, "first/narrow")
        health = (await operator.http.get("/api/providers/first/health/")).json()
        stats = (await operator.http.get("/api/stats/")).json()
        own = (await alice.http.get("/api/stats/")).json()
        counted = (await operator.http.get("/metrics")).text
    model = next(model for model in health["models"] if model["model"] == "narrow")
    assert (model["requests"], model["errors"], model["error_rate"]) == (2, 1, 0.5)
    assert model["average_ms"] is not None and model["average_first_token_ms"] is not None
    assert (model["breaker"], model["in_flight"]) == ("closed", 0)
    assert stats["scope"] == "server" and {p["provider"] for p in stats["providers"]} >= set(PROVIDERS)
    assert stats["runs"]["ended"] >= 2 and stats["connections"] >= 0
    assert own["scope"] == "own" and "providers" not in own and own["runs"]["failed"] >= 1
    assert 'parley_provider_requests_total{model="narrow",outcome="failed",provider="first"} 1.0' in counted
    assert "parley_provider_first_token_seconds_bucket" in counted


async def test_no_secret_and_no_upstream_text_is_in_what_a_run_keeps(routed: Any, fakes: Any) -> None:
    said = "bad key sk-canary-of-the-route with canary-of-the-headers"
    fakes["first"].play(status=401, body={"error": {"message": said}})
    fakes["second"].play(status=400, body={"error": {"message": said}})
    async with Api(routed.url, routed.keys["alice"]) as alice:
        run, frames = await asked(alice, "by-priority")
    assert "canary" not in f"{run}{frames}"
    log = routed.log.read_text()
    assert "bad key" in log and "canary" not in log
