"""What models make and cite, in the page: pictures, sound and sources."""

import base64
import json
from typing import Any

from playwright.sync_api import expect

from tests import hostile
from tests.browser.chat import Chat
from tests.browser.conftest import ThreadedProvider

PICTURE = base64.b64encode(hostile.picture()).decode()
SOUND = base64.b64encode(b"\x10\x00" * 24_000).decode()


def chunk(finish: str | None = None, **delta: Any) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return b"data: %b\n\n" % json.dumps({"choices": [choice]}).encode()


def cited(url: str, title: str) -> dict[str, Any]:
    return {"type": "url_citation", "url_citation": {"url": url, "title": title}}


def test_pictures_sound_and_sources_are_shown_and_stay(chat: Chat, provider: ThreadedProvider) -> None:
    pages = [cited("https://a.example/1", "Annual report"), cited("https://b.example", "Other news")]
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PICTURE}"}}
    said = chunk(content="Nine percent, as drawn here.", annotations=[*pages, pages[0]])
    provider.play(raw=said + chunk(images=[image]) + chunk(audio={"data": SOUND}) + chunk("stop"))
    chat.choose("openai/gpt-4o-mini")
    chat.send("How many?").ended()
    for _ in range(2):  # as it came, and after a reload
        picture = chat.answer.locator(".media img")
        expect(picture).to_be_visible()
        expect(picture).to_have_js_property("naturalWidth", 64)
        length = (
            "a => new Promise(r => a.readyState ? r(a.duration) : a.onloadedmetadata = () => r(a.duration))"
        )
        assert chat.answer.locator("audio").evaluate(length) == 1
        expect(chat.answer.locator(".sources li")).to_have_text(["Annual report", "Other news"])
        chat.page.reload()
        chat.ended()
