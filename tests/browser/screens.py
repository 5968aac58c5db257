"""Every screen of the product: what the screenshots show and what is checked for accessibility.

A house is a server with something in each room: a conversation with all kinds of parts, a call that waits,
a member, a link. A screen says who looks, at which address, and what they open there, in any language.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.chat import Chat
from tests.browser.conftest import PASSWORD, PATIENCE, USER, sign_in
from tests.server import ParleyServer

MODEL: Final = "openai/gpt-4o-mini"
MEMBER, MEMBER_PASSWORD = "ben", "ben-pass-word"
MAKE_MEMBER: Final = (
    "from django.contrib.auth import get_user_model as g; u = g().objects; "
    f"u.filter(username='{MEMBER}').exists() or u.create_user('{MEMBER}', password='{MEMBER_PASSWORD}')"
)
ASK_FIRST: Final = (
    "from chat.models import ToolRule; "
    "ToolRule.objects.update_or_create(tool='calculator', defaults={'policy': 'ask', 'by_default': True})"
)
ASK_NO_MORE: Final = "from chat.models import ToolRule; ToolRule.objects.filter(tool='calculator').delete()"

ANSWER: Final = """Read it **in pieces** and hand each piece on; see [the manual](https://docs.example.org/).

```python
def pieces(path: Path, size: int = 64 * 1024) -> Iterator[bytes]:
    with path.open("rb") as file:  # closed at the end
        while piece := file.read(size):
            yield piece
```

| way | memory | notes |
|---|--:|---|
| `path.read_bytes()` | 2 GB | everything at once |
| `pieces(path)` | 64 KB | any file, 任何文件 |

> A generator stops reading when its consumer stops asking.

1. Open the file.
2. Read, hand on, repeat.
"""


@dataclass(frozen=True)
class House:
    """`pages` are the signed-in owner's and member's cookies and nobody's; `places` the addresses in it."""

    server: ParleyServer
    states: dict[str, Any]
    places: dict[str, str]

    def context(self, browser: Browser, who: str, **options: Any) -> BrowserContext:
        context = browser.new_context(base_url=self.server.url, storage_state=self.states.get(who), **options)
        context.set_default_timeout(PATIENCE)
        return context


@dataclass(frozen=True)
class Screen:
    name: str
    who: str  # owner, member or guest
    path: str  # an address, or the name of a place of the house in braces
    opens: Callable[[Page], None] = lambda page: None

    def show(self, page: Page, house: House) -> None:
        page.goto(self.path.format(**house.places))
        connection = page.locator(".connection")
        if connection.count():
            expect(connection).to_have_attribute("data-state", "connected")
        self.opens(page)


def furnish(browser: Browser, server: ParleyServer, provider: Any) -> House:
    expect.set_options(timeout=PATIENCE)
    server.manage("shell", "-v0", "-c", MAKE_MEMBER)
    server.manage("shell", "-v0", "-c", ASK_FIRST)
    people = {"owner": (USER, PASSWORD), "member": (MEMBER, MEMBER_PASSWORD)}
    house = House(server, {who: _state(browser, server, *one) for who, one in people.items()}, {})
    context = house.context(browser, "owner")
    chat = Chat(context.new_page())
    house.places["talk"] = _talk(chat, provider)
    house.places["waiting"] = _waiting(chat)
    house.places["shared"] = _shared(chat, house.places["talk"])
    context.close()
    server.manage("shell", "-v0", "-c", ASK_NO_MORE)
    return house


def _state(browser: Browser, server: ParleyServer, user: str, password: str) -> Any:
    context = browser.new_context()
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    sign_in(page, server, password, user)
    page.wait_for_url(f"{server.url}/")
    state = context.storage_state()
    context.close()
    return state


def _talk(chat: Chat, provider: Any) -> str:
    chat.open().choose("demo/reason").send("Think about it, please").ended()
    provider.play(status=400, body={"error": {"message": "no", "type": "invalid_request_error"}})
    chat.choose(MODEL).send("This fails").ended("failed")
    provider.play(text=ANSWER, usage={"input": 31, "output": 214})
    chat.send("How do I stream a large file in Python without filling the memory?").ended()
    return chat.path


def _waiting(chat: Chat) -> str:
    chat.open().choose("demo/tools").send('calculator {"expression": "6*7"}')
    expect(chat.answer.locator(".approval")).to_be_visible()
    return chat.path


def _shared(chat: Chat, talk: str) -> str:
    """Lets the member in as one who reads; gives the address of a link."""
    chat.open(talk)
    _sharing(chat.page)
    dialog = chat.page.locator("dialog.sharing")
    dialog.locator("[name=username]").fill(MEMBER)
    dialog.locator("[data-people-form] button").click()
    expect(dialog.locator("[data-members-list] li")).to_have_count(2)
    dialog.locator("[data-link-form] button").click()
    address = dialog.locator("[data-link-url]")
    expect(address).to_be_visible()
    return address.input_value()


# --- what is opened on a page ---------------------------------------------------------------


def _sidebar(page: Page) -> None:
    if (button := page.locator("[data-drawer-open]")).is_visible():
        button.click()
    expect(page.locator(".session a").first).to_be_visible()


def _picker(page: Page) -> None:
    page.locator(".picker-button").click()
    expect(page.locator(".option").first).to_be_visible()


def _user_menu(page: Page) -> None:
    _sidebar(page)
    page.locator(".user-button").click()


def _chat_menu(page: Page) -> None:
    _sidebar(page)
    page.locator(".session:has([aria-current])").hover()
    page.locator(".session:has([aria-current]) [data-menu-button]").click()


def _sharing(page: Page) -> None:
    _chat_menu(page)
    page.locator(".session:has([aria-current]) [data-session-share]").click()
    expect(page.locator("dialog.sharing li").first).to_be_visible()


def _shortcuts(page: Page) -> None:
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    expect(page.locator("[data-shortcuts-list]")).to_be_visible()


def _searching(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.locator("[data-search-field]").fill("file")
    expect(page.locator(".hit").first).to_be_visible()


def _editing(page: Page) -> None:
    page.locator('.message[data-role="user"]').last.hover()
    page.locator('.message[data-role="user"]').last.locator("[data-message-edit]").click()


def _talking(page: Page) -> None:
    expect(page.locator(".message .code .hl-keyword").first).to_be_visible()


def _approving(page: Page) -> None:
    expect(page.locator(".approval")).to_be_visible()


SCREENS: Final = (
    Screen("sign-in", "guest", "/login/"),
    Screen("shared", "guest", "{shared}"),
    Screen("not-found", "guest", "/share/nothing"),
    Screen("start", "owner", "/"),
    Screen("talk", "owner", "{talk}", _talking),
    Screen("approval", "owner", "{waiting}", _approving),
    Screen("edit", "owner", "{talk}", _editing),
    Screen("sidebar", "owner", "{talk}", _sidebar),
    Screen("chat-menu", "owner", "{talk}", _chat_menu),
    Screen("user-menu", "owner", "/", _user_menu),
    Screen("models", "owner", "/", _picker),
    Screen("sharing", "owner", "{talk}", _sharing),
    Screen("search", "owner", "/", _searching),
    Screen("settings", "owner", "/settings"),
    Screen("usage", "owner", "/usage"),
    Screen("compare", "owner", "/compare"),
    Screen("shortcuts", "owner", "/", _shortcuts),
    Screen("start", "member", "/"),
    Screen("talk", "member", "{talk}", _talking),
    Screen("user-menu", "member", "/", _user_menu),
)
ADMIN: Final = (
    Screen("admin", "owner", "/admin/"),
    Screen("admin-providers", "owner", "/admin/providers/provider/"),
    Screen("admin-provider", "owner", "/admin/providers/provider/openai/change/"),
    Screen("admin-runs", "owner", "/admin/chat/run/"),
)
