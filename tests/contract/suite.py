"""What every adapter keeps, whatever its vendor sends and however the bytes are cut.

For an adapter of your own: subclass `AdapterContract` in a module whose fixture `kind` gives your `Kind`.
"""

import asyncio
import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from providers import errors
from providers.adapters.calls import NOT_AN_OBJECT
from providers.contract import ChatMessage, HttpOptions, ProviderConfig, Tool
from providers.events import Finish, RunEvent, ToolInputAvailable, Usage, UsageReport
from providers.folding import fold_all
from providers.parts import TextPart, ToolCallPart, ToolResultPart, text_of
from providers.registry import adapter_class
from tests.contract.kind import (
    KEY,
    LOOKUP,
    Kind,
    assert_well_formed,
    calls_in,
    collect,
    inputs_in,
    reasoning_in,
    text_in,
)
from tests.fakes.provider import FakeProvider
from tests.fakes.script import ToolCall

TEXT = 'Grüße, 你好 and 👩‍👩‍👧!\r\nA second line\u2028with \\ and "quotes".'
ONE = ToolCall("lookup", '{"word": "你好 😀 \\u00e9"}', id="call_a")
TWO = ToolCall("lookup", '{"word": "second", "deep": [1, {"x": null}]}', id="call_b")
ENVIRONMENT = [
    "OPENAI_ADMIN_KEY",
    "OPENAI_API_KEY",
    "OPENAI_API_VERSION",
    "OPENAI_BASE_URL",
    "OPENAI_CUSTOM_HEADERS",
    "OPENAI_ORG_ID",
    "OPENAI_PROJECT_ID",
    "AZURE_OPENAI_AD_TOKEN",
    "AZURE_OPENAI_API_KEY",
    "AZURE_OPENAI_ENDPOINT",
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "ANTHROPIC_BASE_URL",
    "ANTHROPIC_CUSTOM_HEADERS",
    "ANTHROPIC_PROFILE",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "OLLAMA_HOST",
]
BAD_PIECE = 512 * 1024  # characters; many of them make a flood
TINY = 20_000
LIMITS = (0.3, 3.0, 30.0)  # seconds


async def timed_out(
    kind: Kind, fake: FakeProvider, script: dict[str, Any], limit: str, came: Callable[[str], bool]
) -> list[RunEvent]:
    """The events of an answer that the named limit ended, and with it the upstream. Where the limit struck
    before the text that should come first (a slow machine), the next longer one is tried."""
    for seconds in LIMITS:
        events: list[RunEvent] = []
        options = kind.play(fake, script)
        with pytest.raises(errors.ProviderTimeout):
            await collect(kind.adapter(fake, **{limit: seconds}), kind.request(**options), events)
        if came(text_in(events)):
            break
    await asyncio.wait_for(fake.requests[-1].closed.wait(), 30)
    return events


class AnswerContract:
    async def test_an_answer_is_well_formed_and_whole(self, fake: FakeProvider, kind: Kind) -> None:
        thoughts = "First I think." if kind.reasoning else ""
        options = kind.play(fake, {"text": TEXT, "reasoning": thoughts})
        events = await collect(kind.adapter(fake), kind.request(**options))
        assert_well_formed(events)
        assert text_in(events) == TEXT
        assert reasoning_in(events) == thoughts

    @pytest.mark.parametrize("cut", [1, 2, 3, 7, 64, 1000])
    async def test_the_text_is_the_same_at_every_cut(self, fake: FakeProvider, kind: Kind, cut: int) -> None:
        options = kind.play(fake, {"text": TEXT, "reasoning": "Hm.", "cut": cut})
        events = await collect(kind.adapter(fake), kind.request(**options))
        assert_well_formed(events)
        assert text_in(events) == TEXT

    async def test_usage_is_reported_before_the_end(self, fake: FakeProvider, kind: Kind) -> None:
        options = kind.play(fake, {"usage": {"input": 11, "output": 5}})
        events = await collect(kind.adapter(fake), kind.request(**options))
        report = events[-2]
        assert isinstance(report, UsageReport)
        assert report.usage.input_tokens > 0
        assert report.usage.output_tokens > 0

    @pytest.mark.parametrize("text", ["\0", "a\ud83d", "\ude00b", "\ud83d\ude00"])
    async def test_what_cannot_be_stored_is_replaced(self, fake: FakeProvider, kind: Kind, text: str) -> None:
        options = kind.play(fake, {"pieces": [*text], "text": text})
        events = await collect(kind.adapter(fake), kind.request(**options))
        said = text_of(fold_all((), events))
        assert said.encode().decode() == said
        assert "\0" not in said
        assert ("😀" in said) == (text == "\ud83d\ude00")

    async def test_what_came_before_a_break_is_shown(self, fake: FakeProvider, kind: Kind) -> None:
        options = kind.play(fake, {"text": "One two three", "rate": 100, "break_after": 2})
        events: list[RunEvent] = []
        with pytest.raises((errors.StreamBroken, errors.ProviderFailed)) as caught:
            await collect(kind.adapter(fake), kind.request(**options), events)
        assert caught.value.provider == kind.name
        assert "One two three".startswith(text_in(events))
        assert not any(isinstance(event, Finish) for event in events)

    async def test_an_error_in_the_stream_comes_after_the_text(self, fake: FakeProvider, kind: Kind) -> None:
        options = kind.play(fake, {"text": "One two three", "error_after": 2})
        events: list[RunEvent] = []
        with pytest.raises(errors.ProviderFailed) as caught:
            await collect(kind.adapter(fake), kind.request(**options), events)
        assert "One two three".startswith(text_in(events))
        assert text_in(events)
        assert "raw upstream words" not in caught.value.message

    async def test_many_answers_at_once_do_not_mix(self, fake: FakeProvider, kind: Kind) -> None:
        options = kind.play(fake, {"text": "one two three four", "rate": 200})
        adapter = kind.adapter(fake)
        answers = await asyncio.gather(*(collect(adapter, kind.request(**options)) for _ in range(20)))
        assert {text_in(events) for events in answers} == {"one two three four"}

    async def test_the_models_are_listed(self, fake: FakeProvider, kind: Kind) -> None:
        offered = await kind.adapter(fake).models()
        assert kind.model in [model.id for model in offered]

    def test_making_an_adapter_needs_no_key_and_no_loop(self, kind: Kind) -> None:
        config = ProviderConfig(provider_id="p", kind=kind.name)
        adapter_class(kind.name)(config)

    async def test_no_key_is_shown(self, fake: FakeProvider, kind: Kind) -> None:
        config = ProviderConfig(provider_id="p", kind=kind.name, headers={"x": KEY}, extra={"y": KEY})
        assert KEY not in repr(config) + repr(HttpOptions(proxy=f"http://u:{KEY}@h"))
        assert KEY not in repr(vars(kind.adapter(fake)))


class ToolContract:
    async def test_a_call_is_told_whole(self, fake: FakeProvider, kind: Kind) -> None:
        options = kind.play(fake, {"text": "Let me see.", "tools": [ONE]})
        events = await collect(kind.adapter(fake), kind.request(tools=(LOOKUP,), **options))
        assert_well_formed(events)
        [call] = calls_in(events)
        assert (call.name, call.error, text_in(events)) == ("lookup", "", "Let me see.")
        assert json.loads(call.arguments) == json.loads(ONE.arguments) == inputs_in(events)[0]
        assert isinstance(events[-1], Finish)
        ours = kind.takes_tools
        assert (call.executor, events[-1].reason) == (
            ("server", "tool_calls") if ours else ("provider", "stop")
        )

    @pytest.mark.parametrize("interleaved", [False, True])
    @pytest.mark.parametrize("cut", [0, 1, 5])
    async def test_parallel_calls_are_kept_apart(
        self, fake: FakeProvider, kind: Kind, cut: int, interleaved: bool
    ) -> None:
        script = {"tools": [ONE, TWO], "tool_cut": cut, "interleaved": interleaved, "cut": cut}
        options = kind.play(fake, script)
        events = await collect(kind.adapter(fake), kind.request(tools=(LOOKUP,), **options))
        assert_well_formed(events)
        assert [json.loads(call.arguments) for call in calls_in(events)] == [
            json.loads(ONE.arguments),
            json.loads(TWO.arguments),
        ]

    @pytest.mark.parametrize("ids", [("", ""), ("same", "same"), ("used", "used")])
    async def test_ids_are_unique_whatever_the_vendor_sends(
        self, fake: FakeProvider, kind: Kind, ids: tuple[str, str]
    ) -> None:
        options = kind.play(
            fake, {"tools": [ToolCall("lookup", "{}", ids[0]), ToolCall("lookup", "{}", ids[1])]}
        )
        before = ToolCallPart(id="used", name="lookup", arguments="{}")
        earlier = ChatMessage(role="assistant", parts=(before, ToolResultPart(id="used", output="x")))
        asked = ChatMessage(role="user", parts=(TextPart(text="Again."),))
        events = await collect(kind.adapter(fake), kind.request(earlier, asked, tools=(LOOKUP,), **options))
        assert_well_formed(events)
        told = [call.id for call in calls_in(events)]
        assert len({*told, "used"} if kind.takes_tools else {*told}) == len(told) + kind.takes_tools

    @pytest.mark.parametrize("arguments", ['{"word": ', "[1]", '"word"', "NaN", '{"x": ' + "[" * 5000])
    async def test_arguments_that_are_none_are_told_so(
        self, fake: FakeProvider, kind: Kind, arguments: str
    ) -> None:
        if not kind.takes_tools:
            pytest.skip("the agent's own business")
        options = kind.play(fake, {"tools": [ToolCall("lookup", arguments, "c")]})
        events = await collect(kind.adapter(fake), kind.request(tools=(LOOKUP,), **options))
        assert_well_formed(events)
        told = [event for event in events if isinstance(event, ToolInputAvailable)]
        assert [(event.input, event.error) for event in told] == [(None, NOT_AN_OBJECT)]

    async def test_no_arguments_are_an_empty_object(self, fake: FakeProvider, kind: Kind) -> None:
        options = kind.play(fake, {"tools": [ToolCall("lookup", "", "c")]})
        events = await collect(kind.adapter(fake), kind.request(tools=(Tool(name="lookup"),), **options))
        assert [(call.arguments, call.error) for call in calls_in(events)] == [("{}", "")]
        assert inputs_in(events) == [{}]


class TransportContract:
    """For kinds that reach their vendor over HTTP."""

    async def test_the_key_goes_to_its_host_alone(self, fake: FakeProvider, kind: Kind) -> None:
        options = kind.play(fake, {})
        await collect(kind.adapter(fake), kind.request(**options))
        [request] = fake.requests
        assert any(KEY in value for value in request.headers.values())
        assert KEY not in request.path + json.dumps(request.body)
        assert request.headers["accept-encoding"] == "identity"

    async def test_nothing_of_the_environment_is_sent(
        self, fake: FakeProvider, kind: Kind, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """SDKs look there for keys, headers and addresses; one provider's must not go to another."""
        for name in ENVIRONMENT:
            monkeypatch.setenv(name, "x-leak: sk-leaked" if name.endswith("HEADERS") else "sk-leaked")
        options = kind.play(fake, {"text": "Hello."})
        assert text_in(await collect(kind.adapter(fake), kind.request(**options))) == "Hello."
        [request] = fake.requests
        assert "sk-leaked" not in repr(request.headers) + request.path

    async def test_tools_and_results_are_sent(self, fake: FakeProvider, kind: Kind) -> None:
        if not kind.takes_tools:
            pytest.skip("the agent has its own")
        options = kind.play(fake, {})
        call = ToolCallPart(id="call_1", name="lookup", arguments='{"word": "hi"}')
        result = ToolResultPart(id="call_1", output={"meaning": "a greeting"})
        step = ChatMessage(role="assistant", parts=(TextPart(text="Let me see."), call, result))
        await collect(kind.adapter(fake), kind.request(step, tools=(LOOKUP,), **options))
        sent = json.dumps(fake.requests[0].body)
        for word in ("Looks a word up.", "Let me see.", "lookup", "a greeting", "call_1"):
            assert word in sent

    async def test_no_usage_told_is_no_usage_reported(self, fake: FakeProvider, kind: Kind) -> None:
        options = kind.play(fake, {"usage": None})
        events = await collect(kind.adapter(fake), kind.request(**options))
        assert_well_formed(events)
        assert not any(isinstance(event, UsageReport) for event in events)

    @pytest.mark.parametrize("number", [-5, 1e300, 10**30, 1.5])
    async def test_absurd_usage_is_kept_in_bounds(
        self, fake: FakeProvider, kind: Kind, number: float
    ) -> None:
        options = kind.play(fake, {"usage": {"input": number, "output": 3}})
        events = await collect(kind.adapter(fake), kind.request(**options))
        assert_well_formed(events)
        [report] = [event for event in events if isinstance(event, UsageReport)]
        assert isinstance(report.usage, Usage)
        assert 0 <= report.usage.input_tokens <= 10**12

    async def test_an_empty_answer_is_an_answer(self, fake: FakeProvider, kind: Kind) -> None:
        options = kind.play(fake, {"text": ""})
        events = await collect(kind.adapter(fake), kind.request(**options))
        assert_well_formed(events)
        assert text_in(events) == ""

    async def test_the_reason_of_the_end_is_told(self, fake: FakeProvider, kind: Kind) -> None:
        for word, reason in kind.reasons.items():
            options = kind.play(fake, {"finish": word})
            finish = (await collect(kind.adapter(fake), kind.request(**options)))[-1]
            assert finish == Finish(reason=reason, raw_reason=word)

    @pytest.mark.parametrize(
        ("status", "error"),
        [
            (400, errors.ProviderRefused),
            (401, errors.ProviderKeyRejected),
            (403, errors.ProviderKeyRejected),
            (404, errors.ModelNotFound),
            (408, errors.ProviderTimeout),
            (422, errors.ProviderRefused),
            (429, errors.ProviderRateLimited),
            (500, errors.ProviderFailed),
            (503, errors.ProviderFailed),
            (529, errors.ProviderFailed),
        ],
    )
    async def test_every_status_has_its_error(
        self, fake: FakeProvider, kind: Kind, status: int, error: type[errors.ProviderError]
    ) -> None:
        fake.play(status=status, headers={"retry-after": "7"})
        with pytest.raises(errors.ProviderError) as caught:
            await collect(kind.adapter(fake), kind.request())
        assert type(caught.value) is error
        assert caught.value.upstream_status == status
        assert caught.value.retry_after == 7.0
        assert caught.value.provider == kind.name
        assert "raw upstream words" in caught.value.detail
        assert "raw upstream words" not in str(caught.value)
        assert len(fake.requests) == 1, "an adapter makes no second attempt"

    @pytest.mark.parametrize(
        "body", [{"detail": "no"}, {"error": {"message": "no", "code": 401}}, ["no"], "no"]
    )
    async def test_a_refusal_can_have_any_body(self, fake: FakeProvider, kind: Kind, body: Any) -> None:
        fake.play(status=401, body=body)
        with pytest.raises(errors.ProviderKeyRejected):
            await collect(kind.adapter(fake), kind.request())

    async def test_a_redirect_is_not_followed(self, fake: FakeProvider, kind: Kind) -> None:
        fake.play(status=302, headers={"location": f"{fake.root_url}/elsewhere"})
        with pytest.raises(errors.ProviderError):
            await collect(kind.adapter(fake), kind.request())
        assert len(fake.requests) == 1

    async def test_nobody_listening_is_unreachable(self, fake: FakeProvider, kind: Kind) -> None:
        adapter = kind.adapter(fake)
        await fake.stop()
        with pytest.raises(errors.ProviderUnreachable):
            await collect(adapter, kind.request())

    async def test_a_name_that_nobody_has_is_unreachable(self, fake: FakeProvider, kind: Kind) -> None:
        nowhere = replace(kind, url=lambda _: "http://no-such-name.invalid/v1")
        with pytest.raises(errors.ProviderUnreachable):
            await collect(nowhere.adapter(fake), kind.request())

    async def test_a_certificate_that_nobody_signed_is_refused(
        self, tls_fake: FakeProvider, kind: Kind, certificate: Any
    ) -> None:
        options = kind.play(tls_fake, {"text": "Hello."})
        with pytest.raises(errors.ProviderUnreachable) as caught:
            await collect(kind.adapter(tls_fake), kind.request(**options))
        assert "CERTIFICATE_VERIFY_FAILED" in caught.value.detail
        trusted = kind.adapter(tls_fake, http=HttpOptions(ca_file=str(certificate)))
        assert text_in(await collect(trusted, kind.request(**options))) == "Hello."

    async def test_silence_after_some_text_times_out(self, fake: FakeProvider, kind: Kind) -> None:
        script = {"text": "One two three", "stall_after": 2}
        events = await timed_out(kind, fake, script, "between_tokens", lambda said: said == "One two ")
        assert text_in(events) == "One two "

    async def test_silence_before_the_first_token_times_out(self, fake: FakeProvider, kind: Kind) -> None:
        await timed_out(kind, fake, {"stall_after": 0}, "first_token", lambda _: bool(fake.requests))

    async def test_the_whole_answer_has_its_time(self, fake: FakeProvider, kind: Kind) -> None:
        script = {"text": "word " * 2000, "rate": 50}
        assert text_in(await timed_out(kind, fake, script, "total", bool))

    async def test_closing_the_stream_closes_the_upstream(self, fake: FakeProvider, kind: Kind) -> None:
        options = kind.play(fake, {"text": "word " * 1000, "rate": 50})
        stream: Any = kind.adapter(fake).stream(kind.request(**options))
        async for event in stream:
            if event.type == "text-delta":
                break
        await stream.aclose()
        await asyncio.wait_for(fake.requests[0].closed.wait(), 30)
        assert len(fake.requests[0].sent) < 5000

    @pytest.mark.parametrize("stalls_at", [0, 3])
    async def test_cancelling_closes_the_upstream(
        self, fake: FakeProvider, kind: Kind, stalls_at: int
    ) -> None:
        options = kind.play(fake, {"text": "word " * 10, "stall_after": stalls_at})
        task = asyncio.create_task(collect(kind.adapter(fake), kind.request(**options)))
        await asyncio.wait_for(fake.asked.wait(), 30)
        await asyncio.sleep(0.1)  # into the answer, or what there is of it
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(fake.requests[0].closed.wait(), 30)

    @pytest.mark.parametrize(
        "raw",
        [
            b"",
            b"data: {",
            b"data: {]\n\n",
            b"data: 7\n\n",
            b"data: " + b"[" * 100_000 + b"\n\n",
            b"<html>busy</html>",
            b'{"answer": "x"}',
            b"data: {}\n\n",
        ],
    )
    async def test_a_malformed_stream_is_broken(self, fake: FakeProvider, kind: Kind, raw: bytes) -> None:
        fake.play(raw=raw)
        with pytest.raises(errors.StreamBroken):
            await collect(kind.adapter(fake), kind.request())

    async def test_invalid_utf8_is_replaced(self, fake: FakeProvider, kind: Kind) -> None:
        options = kind.play(fake, {"pieces": ["one \ufffe", "two"], "mangled": True})
        events = await collect(kind.adapter(fake), kind.request(**options))
        assert_well_formed(events)
        assert text_in(events).replace("\ufffd", "") == "one two"

    async def test_a_flood_is_relayed_or_refused(self, fake: FakeProvider, kind: Kind) -> None:
        options = kind.play(fake, {"pieces": ["x" * 20_000_000]})
        with pytest.raises(errors.StreamBroken):
            await collect(kind.adapter(fake), kind.request(**options))
        options = kind.play(fake, {"pieces": ["y" * BAD_PIECE] * 8})
        assert len(text_in(await collect(kind.adapter(fake), kind.request(**options)))) == 8 * BAD_PIECE

    async def test_many_tiny_pieces_are_joined(self, fake: FakeProvider, kind: Kind) -> None:
        options = kind.play(fake, {"pieces": ["z"] * TINY, "cut": 65536})
        events = await collect(kind.adapter(fake), kind.request(**options))
        assert len(text_in(events)) == TINY
        assert len(events) < TINY / 10

    async def test_a_packed_answer_is_not_unpacked(self, fake: FakeProvider, kind: Kind) -> None:
        bomb = gzip.compress(b"\0" * 10_000_000)
        fake.play(raw=bomb, headers={"content-encoding": "gzip"})
        with pytest.raises(errors.ProviderError):
            await collect(kind.adapter(fake), kind.request())
        with pytest.raises(errors.ProviderError):
            await kind.adapter(fake).models()

    async def test_a_refusal_of_any_size_is_read_in_part(self, fake: FakeProvider, kind: Kind) -> None:
        fake.play(status=500, raw=b"x" * 20_000_000)
        with pytest.raises(errors.ProviderFailed) as caught:
            await collect(kind.adapter(fake), kind.request())
        assert len(caught.value.detail) <= 2000

    async def test_a_listing_that_is_none_is_an_error(self, fake: FakeProvider, kind: Kind) -> None:
        fake.play(raw=b"<html>hello</html>")
        with pytest.raises(errors.ProviderError):
            await kind.adapter(fake).models()

    async def test_a_connection_is_used_again(self, fake: FakeProvider, kind: Kind) -> None:
        adapter = kind.adapter(fake)
        options = kind.play(fake, {})
        for _ in range(3):
            await collect(adapter, kind.request(**options))
        assert len(fake.requests) == 3
        assert fake.connections == 1


class AdapterContract(AnswerContract, ToolContract, TransportContract):
    """All of it, for a kind that reaches its vendor over HTTP."""
