"""What of a history is sent, and what is summarised: the pure core."""

from hypothesis import given
from hypothesis import strategies as st

from chat.memory.windows import ANSWER, History, Told, Window, room_for_input, windowed
from providers.contract import ChatMessage, ChatRequest
from providers.estimating import message_tokens
from providers.parts import Parts, TextPart, ToolCallPart, ToolResultPart

CALL = ToolCallPart(id="c", name="f", arguments="{}")
RESULT = ToolResultPart(id="c", output="x" * 400)


def message(role: str, *parts: object, text: str = "") -> ChatMessage:
    given_parts: Parts = (*parts, *([TextPart(text=text)] if text else []))  # type: ignore[arg-type]
    return ChatMessage(role=role, parts=given_parts)  # type: ignore[arg-type]


def turn(words: str) -> list[ChatMessage]:
    return [message("user", text=words), message("assistant", text=words)]


def window(messages: list[ChatMessage], limit: int, *summaries: Told, tail: int = 0) -> Window:
    known = messages[: len(messages) - tail]
    history = History(
        ids=tuple(f"m{place}" for place in range(len(known))),
        costs=tuple(map(message_tokens, known)),
        summaries=summaries,
    )
    return windowed(ChatRequest(model="m", messages=tuple(messages), system="Be brief."), history, limit)


def texts(found: Window) -> list[str]:
    return ["".join(getattr(p, "text", "") for p in m.parts) for m in found.request.messages]


def test_what_fits_is_sent_as_it_is() -> None:
    messages = [*turn("one"), *turn("two")]
    found = window(messages, 1000)
    assert found.request.messages == tuple(messages)
    assert found.as_json() == {}


def test_whole_turns_go_from_the_beginning_and_the_system_prompt_stays() -> None:
    found = window([*turn("a" * 400), *turn("b" * 400), message("user", text="now?")], 320)
    assert texts(found) == ["b" * 400, "b" * 400, "now?"]
    assert found.request.system == "Be brief."
    assert found.as_json()["left_out"] == 2


def test_a_call_is_never_parted_from_its_result() -> None:
    called = [message("user", text="q" * 200), message("assistant", CALL), message("user", RESULT)]
    found = window([*called, message("assistant", text="done"), message("user", text="next")], 60)
    assert texts(found) == ["next"]


def test_the_last_turn_is_sent_whatever_it_takes() -> None:
    asked = [message("user", text="x" * 9000), message("assistant", CALL, RESULT)]
    found = window([*turn("old"), *asked], 50, tail=1)
    assert found.request.messages == tuple(asked)


def test_a_summary_stands_for_what_is_left_out_and_only_then() -> None:
    told = Told(id="s", upto="m1", text="They spoke of a.")
    messages = [*turn("a" * 400), *turn("b" * 40), message("user", text="now?")]
    everything, less = window(messages, 5000, told), window(messages, 200, told)
    assert "spoke of a" not in everything.request.system
    assert less.request.system.endswith("They spoke of a.")
    assert texts(less) == ["b" * 40, "b" * 40, "now?"]
    assert (less.left_out, less.summarized, less.summary) == (2, 2, "s")


def test_a_summary_of_another_branch_is_not_told() -> None:
    told = Told(id="s", upto="elsewhere", text="They spoke of a.")
    found = window([*turn("a" * 400), message("user", text="now?")], 150, told)
    assert "spoke" not in found.request.system
    assert (found.left_out, found.summarized) == (2, 0)


def test_a_summary_is_due_before_anything_falls_out_and_not_twice() -> None:
    messages = [*turn("a" * 400), *turn("b" * 400), message("user", text="now?")]
    early, full = window(messages, 5000), window(messages, 540)
    assert early.due == ""
    assert (full.left_out, full.due) == (0, "m1")
    assert window(messages, 540, Told(id="s", upto="m1", text="a")).due == ""


def test_room_is_left_for_the_answer() -> None:
    assert room_for_input(0, {}) == 0
    assert room_for_input(100_000, {}) == int((100_000 - ANSWER) * 0.9)
    assert room_for_input(100_000, {"max_tokens": 50_000}) == 67_500  # a quarter at most
    assert room_for_input(100_000, {}, most=500) == 500


@given(st.lists(st.integers(0, 500), min_size=1, max_size=30), st.integers(1, 3000))
def test_it_begins_with_a_person_fits_or_is_the_last_turn_alone(sizes: list[int], limit: int) -> None:
    messages = [one for size in sizes for one in turn("x" * size)]
    found = window(messages, limit)
    kept = found.request.messages
    assert kept[0].role == "user" and kept == tuple(messages[-len(kept) :])
    assert found.tokens <= limit or len(kept) == 2
    assert found.left_out == len(messages) - len(kept)
