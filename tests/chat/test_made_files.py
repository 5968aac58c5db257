"""What models make and cite: pictures and sound are kept as files, sources name the files they are of."""

import base64
import io
import json
import wave
from typing import Any

from PIL import Image

from tests import hostile
from tests.chat.test_files_in_messages import ANTHROPIC, OPENAI, answered, base64_of, part
from tests.chat.test_uploading import upload
from tests.clients import Api, Frame, read_sse
from tests.fakes.script import Script

PICTURE = base64_of(hostile.picture())
SAMPLES = b"\x01\x00" * 2400


def chunks(*deltas: Frame) -> bytes:
    told = [{"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    return b"".join(b"data: %b\n\n" % json.dumps(chunk).encode() for chunk in [*told, end])


def named(*events: Frame) -> bytes:
    return b"".join(b"event: %b\ndata: %b\n\n" % (e["type"].encode(), json.dumps(e).encode()) for e in events)


async def test_a_picture_that_a_model_made_is_kept_shown_and_goes_back_with_the_next_turn(
    server: Any, vendor: Any
) -> None:
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PICTURE}"}}
    async with Api(server.url, server.keys["alice"]) as alice:
        session = await alice.session()
        vendor.play(raw=chunks({"content": "Here:"}, {"images": [image]}))
        _, run = await answered(alice, session, [{"type": "text", "text": "Draw."}], model=OPENAI)
        log = [frame async for frame in read_sse(alice, run["id"], 0)]
        made = (await alice.messages(session["id"]))[run["message_id"]]["parts"][-1]
        kept = (await alice.http.get(f"/api/files/{made['file_id']}/content/")).content
        vendor.play(text="Blue.")
        await answered(alice, session, [{"type": "text", "text": "Now blue."}], model=OPENAI)
        [*_, said, asked] = vendor.requests[-1].body["messages"]
    assert made["type"] == "image"
    assert Image.open(io.BytesIO(kept)).size == Image.open(io.BytesIO(hostile.picture())).size
    assert PICTURE not in json.dumps(log)
    assert said["content"].startswith("Here:")
    assert asked["content"][0]["image_url"]["url"] == f"data:image/png;base64,{base64_of(kept)}"
    assert asked["content"][1] == {"type": "text", "text": "Now blue."}


async def test_a_spoken_answer_is_heard_as_it_comes_and_kept_as_sound(server: Any, vendor: Any) -> None:
    options = {"modalities": ["text", "audio"], "audio": {"voice": "alloy"}}
    async with Api(server.url, server.keys["alice"]) as alice:
        session = await alice.session()
        pieces = [
            {"audio": {"data": base64_of(SAMPLES[at : at + 1200])}} for at in range(0, len(SAMPLES), 1200)
        ]
        vendor.play(raw=chunks({"audio": {"id": "a", "transcript": "Good day."}}, *pieces))
        text = [{"type": "text", "text": "Speak."}]
        _, run = await answered(alice, session, text, model=OPENAI, options=options)
        asked = vendor.requests[-1].body
        log = [frame async for frame in read_sse(alice, run["id"], 0)]
        told, sound = (await alice.messages(session["id"]))[run["message_id"]]["parts"]
        kept = (await alice.http.get(f"/api/files/{sound['file_id']}/content/")).content
    heard = b"".join(base64.b64decode(f["delta"]) for f in log if f["type"] == "audio-delta")
    with wave.open(io.BytesIO(kept)) as played:
        assert played.readframes(10_000) == heard == SAMPLES
    assert (told["text"], sound["type"], sound["media_type"]) == ("Good day.", "audio", "audio/wav")
    assert (asked["modalities"], asked["audio"]) == (["text", "audio"], {"voice": "alloy", "format": "pcm16"})


async def test_a_citation_of_an_uploaded_file_names_it_its_page_and_the_words(
    server: Any, vendor: Any
) -> None:
    cited = {"type": "page_location", "document_index": 0, "cited_text": "9 %", "document_title": "q3.pdf"}
    piece = {"type": "content_block_delta", "index": 0}
    vendor.play(
        raw=named(
            {"type": "message_start", "message": {}},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
            {**piece, "delta": {"type": "text_delta", "text": "Nine."}},
            {**piece, "delta": {"type": "citations_delta", "citation": {**cited, "start_page_number": 2}}},
            {"type": "content_block_stop", "index": 0},
            {"type": "message_stop"},
        )
    )
    async with Api(server.url, server.keys["alice"]) as alice:
        file = await upload(alice, hostile.pdf("Quarterly figures"), "q3.pdf")
        session = await alice.session()
        message, run = await answered(alice, session, [part(file)], model=ANTHROPIC)
        source = (await alice.messages(session["id"]))[run["message_id"]]["parts"][-1]
    assert source == {
        "type": "source",
        "id": "source-1",
        "title": "q3.pdf",
        "file_id": message["parts"][0]["file_id"],
        "place": "2",
        "quote": "9 %",
        "part_id": "text-1",
        "start": 0,
        "end": 5,
    }


async def test_a_file_that_cannot_be_kept_is_named_and_the_answer_stays(server: Any, vendor: Any) -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    vendor.play(raw=chunks({"content": "Here:"}, {"images": [image]}))
    async with Api(server.url, server.keys["alice"]) as alice:
        session = await alice.session()
        _, run = await answered(alice, session, [{"type": "text", "text": "Draw."}], model=OPENAI)
        parts = (await alice.messages(session["id"]))[run["message_id"]]["parts"]
    assert run["status"] == "completed"
    assert parts[1:] == [{"type": "image", "media_type": "image/png", "name": "image.png"}]


async def test_the_sources_of_every_step_are_kept_with_what_they_support(server: Any, vendor: Any) -> None:
    def cites(url: str) -> Frame:
        place = {"url": url, "title": "", "start_index": 0, "end_index": 3}
        return {"content": "See.", "annotations": [{"type": "url_citation", "url_citation": place}]}

    function = {"name": "calculator", "arguments": '{"expression": "6*7"}'}
    call = {"tool_calls": [{"index": 0, "id": "call_a", "function": function}]}
    vendor.play_in_turn(
        Script(raw=chunks(cites("https://a.example"), call)), Script(raw=chunks(cites("https://b.example")))
    )
    async with Api(server.url, server.keys["alice"]) as alice:
        session = await alice.session()
        text = [{"type": "text", "text": "Count."}]
        _, run = await answered(alice, session, text, model=OPENAI, tools=["calculator"])
        parts = (await alice.messages(session["id"]))[run["message_id"]]["parts"]
    texts = [part["id"] for part in parts if part["type"] == "text"]
    cited = [(part["url"], part["part_id"]) for part in parts if part["type"] == "source"]
    assert cited == list(zip(["https://a.example", "https://b.example"], texts, strict=True))
