"""Exchanges that are kept: real runs in a session, over the gateway's doors."""

import asyncio
import uuid
from typing import Any

import openai
import pytest

from tests.clients import Api, eventually

MODELS = {"openai": "openai/gpt-fake", "anthropic": "anthropic/claude-fake"}
ASK: list[Any] = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Tell me"}]


@pytest.mark.parametrize("stream", [True, False])
async def test_a_new_session_holds_the_exchange(
    server: Any, openai_sdk: Any, vendor: Any, stream: bool
) -> None:
    vendor.play(text="Fine.")
    answered = await openai_sdk.chat.completions.with_raw_response.create(
        model=MODELS["openai"], messages=ASK, stream=stream, extra_headers={"X-Parley-Session": "new"}
    )
    session_id = answered.headers["x-parley-session"]
    said = answered.parse()
    if stream:
        text = "".join([chunk.choices[0].delta.content or "" async for chunk in said])
    else:
        text = said.choices[0].message.content
    async with Api(server.url, server.keys["alice"]) as alice:
        kept = list((await alice.messages(session_id)).values())
        session = (await alice.http.get(f"/api/sessions/{session_id}/")).json()
    assert text == "Fine."
    assert [(m["role"], m["text"]) for m in kept] == [("user", "Tell me"), ("assistant", "Fine.")]
    assert session["system_prompt"] == "Be brief."


async def test_the_same_key_again_is_the_same_run(server: Any, openai_sdk: Any, vendor: Any) -> None:
    vendor.play(text="Once.")
    headers = {"X-Parley-Session": "new", "Idempotency-Key": uuid.uuid4().hex}

    async def ask() -> Any:
        return await openai_sdk.chat.completions.create(
            model=MODELS["openai"], messages=ASK, extra_headers=headers
        )

    before = len(vendor.requests)
    answers = [await ask(), *await asyncio.gather(ask(), ask())]
    assert {answer.id for answer in answers} == {answers[0].id}
    assert len(vendor.requests) == before + 1


async def test_the_same_key_with_other_words_is_refused(openai_sdk: Any, vendor: Any) -> None:
    vendor.play(text="Once.")
    headers = {"X-Parley-Session": "new", "Idempotency-Key": uuid.uuid4().hex}
    asks = [{"role": "user", "content": words} for words in ("Tell me", "Tell me more")]
    for refused, ask in enumerate(asks):
        asking = openai_sdk.chat.completions.create(
            model=MODELS["openai"], messages=[ask], extra_headers=headers
        )
        if not refused:
            await asking
            continue
        with pytest.raises(openai.ConflictError) as caught:
            await asking
        assert caught.value.code == "client_id_reused"


async def test_another_persons_session_is_not_there(server: Any, openai_sdk: Any) -> None:
    async with Api(server.url, server.keys["carol"]) as carol:
        session = await carol.session()
    with pytest.raises(openai.NotFoundError):
        await openai_sdk.chat.completions.create(
            model="demo/fast", messages=ASK, metadata={"session_id": session["id"]}
        )


async def test_a_stored_exchange_that_fails_has_its_status(openai_sdk: Any, vendor: Any) -> None:
    vendor.play(status=400)
    with pytest.raises(openai.APIStatusError) as caught:
        await openai_sdk.chat.completions.create(
            model=MODELS["openai"], messages=ASK, stream=True, extra_headers={"X-Parley-Session": "new"}
        )
    assert caught.value.status_code >= 400


async def test_a_stored_answer_outlives_its_reader(server: Any, anthropic_sdk: Any, vendor: Any) -> None:
    vendor.play(pieces=["word "] * 40, rate=40)
    async with Api(server.url, server.keys["alice"]) as alice:
        session = await alice.session()
        headers = {"X-Parley-Session": session["id"]}
        async with anthropic_sdk.messages.stream(
            model=MODELS["anthropic"], messages=ASK[1:], max_tokens=99, extra_headers=headers
        ) as stream:
            async for _ in stream.text_stream:
                break

        async def whole() -> bool:
            return any(m["text"] == "word " * 40 for m in (await alice.messages(session["id"])).values())

        await eventually(whole)
