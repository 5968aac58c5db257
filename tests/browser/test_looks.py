"""Other widths, languages and colours; and the README's pictures, when they are asked for."""

import os
import re
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.browser.chat import Chat
from tests.browser.conftest import PATIENCE, ThreadedProvider
from tests.server import ParleyServer

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "screenshots"


def test_a_phone_has_a_drawer_and_no_sideways_scroll(chat: Chat) -> None:
    chat.page.set_viewport_size({"width": 360, "height": 740})
    chat.choose("demo/chat").send("A table and code, please").ended()
    assert chat.page.evaluate("document.documentElement.scrollWidth") <= 360
    assert chat.page.locator(".scroll").evaluate("e => e.scrollWidth - e.clientWidth") <= 0
    sidebar = chat.page.get_by_role("navigation", name="Chats")
    expect(sidebar).to_be_hidden()
    chat.page.get_by_role("button", name="Open the sidebar").click()
    expect(sidebar).to_be_visible()
    sidebar.get_by_role("link", name="New chat", exact=True).first.click()
    expect(sidebar).to_be_hidden()
    expect(chat.page.locator(".empty")).to_be_visible()


def test_the_page_speaks_chinese(chat: Chat) -> None:
    chat.page.locator(".user-button").click()
    chat.page.get_by_role("button", name="中文").click()
    expect(chat.page.get_by_role("heading", name="今天想聊点什么？")).to_be_visible()
    expect(chat.page.locator(".connection")).to_have_text("已连接")
    expect(chat.page.locator("html")).to_have_attribute("lang", "zh-hans")
    chat.choose("demo/chat").send("你好").ended()
    expect(
        chat.page.locator(".sessions h2", has_text="今天")
    ).to_be_visible()  # folders of others may be above


def test_the_theme_stays_after_a_reload(chat: Chat) -> None:
    chat.page.locator(".user-button").click()
    chat.page.get_by_role("button", name="Dark").click()
    chat.page.reload()
    expect(chat.page.locator("html")).to_have_attribute("data-theme", "dark")
    assert chat.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(29, 28, 26)"


@pytest.mark.skipif(os.environ.get("PARLEY_SCREENSHOTS") != "1", reason="pictures are made when asked for")
@pytest.mark.parametrize(("language", "name"), [("en", "chat"), ("zh-hans", "chat-zh")])
def test_pictures_for_the_readme(
    browser: Browser,
    parley: ParleyServer,
    signed_in: object,
    provider: ThreadedProvider,
    language: str,
    name: str,
) -> None:
    context = browser.new_context(
        storage_state=signed_in,  # type: ignore[arg-type]
        base_url=parley.url,
        viewport={"width": 1280, "height": 920},
        device_scale_factor=2,
    )
    context.add_cookies([{"name": "django_language", "value": language, "url": parley.url}])
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    _talk(Chat(page).open(), provider, language)
    PICTURES.mkdir(parents=True, exist_ok=True)
    picture = Image.open(BytesIO(page.screenshot()))
    picture.quantize(256, dither=Image.Dither.NONE).save(PICTURES / f"{name}.png", optimize=True)
    context.close()


def _talk(chat: Chat, provider: ThreadedProvider, language: str) -> None:
    earlier, question, answer = TALKS[language]
    _forget_all(chat)
    provider.play(text="…")
    for title in reversed(earlier):
        chat.page.locator("a.new-chat").click()
        chat.choose("openai/gpt-4o-mini").send(title).ended()
    provider.play(text=answer, usage={"input": 31, "output": 214})
    chat.page.locator("a.new-chat").click()
    chat.send(question).ended()
    expect(chat.answer.locator(".code .hl-keyword").first).to_be_visible()
    expect(chat.page.locator('.session a[aria-current="page"]')).to_have_text(
        re.compile(re.escape(question[:12]))
    )
    chat.page.mouse.move(800, 420)


def _forget_all(chat: Chat) -> None:
    request = chat.page.request
    token = next(c["value"] for c in chat.page.context.cookies() if c["name"] == "csrftoken")
    for session in request.get("/api/sessions/").json()["results"]:
        request.delete(f"/api/sessions/{session['id']}/", headers={"X-CSRFToken": token})
    chat.page.reload()
    chat.connected()


TALKS = {
    "en": (
        ["Weekend in Hangzhou by train", "Why is the sky blue?", "Rewrite my cover letter"],
        "How do I stream a large file in Python without filling the memory?",
        """Read it **in pieces** and hand each piece on as soon as it is there:

```python
from collections.abc import Iterator
from pathlib import Path

def pieces(path: Path, size: int = 64 * 1024) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(size):
            yield piece
```

How the usual ways compare for a file of 2 GB:

| way | memory | notes |
|---|--:|---|
| `path.read_bytes()` | 2 GB | everything at once |
| `for line in file` | a line | text only |
| `pieces(path)` | 64 KB | any file |

A generator stops reading when its consumer stops asking, so a slow client costs nothing.
""",
    ),
    "zh-hans": (
        ["乘火车去杭州过周末", "天空为什么是蓝色的？", "帮我润色求职信"],
        "怎样在 Python 里流式读取大文件而不占满内存？",
        """**分块读取**，每读到一块就立刻交出去：

```python
from collections.abc import Iterator
from pathlib import Path

def pieces(path: Path, size: int = 64 * 1024) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(size):  # 读完为止
            yield piece
```

以 2 GB 的文件为例，几种常见做法的比较：

| 做法 | 内存 | 说明 |
|---|--:|---|
| `path.read_bytes()` | 2 GB | 一次全部读入 |
| `for line in file` | 一行 | 仅限文本 |
| `pieces(path)` | 64 KB | 适用于任何文件 |

使用方停止索取时，生成器也会停止读取，因此慢速的客户端不会带来额外开销。
""",
    ),
}
