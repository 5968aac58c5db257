"""A server with something in each room: conversations with all kinds of parts, a call that waits, a member, a
link, an invitation, and a row of each kind for the administration."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser.chat import Chat
from tests.browser.conftest import PASSWORD, PATIENCE, USER, sign_in
from tests.browser.furniture import MEMBER, password_of
from tests.browser.test_files import PICTURE, REPORT
from tests.prepared import ROOT
from tests.server import ParleyServer

MODEL: Final = "openai/gpt-4o-mini"
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

RICH_ANSWER: Final = r"""The light needs $t = \frac{d}{c}$, so from the sun

$$t = \frac{1.496 \times 10^{11}\ \mathrm{m}}{2.998 \times 10^{8}\ \mathrm{m/s}} \approx 499\ \mathrm{s}$$

| body | distance | light time | diameter | mass | year | moons | 中文名称 |
|---|--:|--:|--:|--:|--:|--:|---|
| Mercury | 57,909,050 km | 3 min 13 s | 4,879 km | 3.30 × 10²³ kg | 88 d | 0 | 水星 |
| Earth | 149,598,023 km | 8 min 19 s | 12,742 km | 5.97 × 10²⁴ kg | 365 d | 1 | 地球 |

- [x] formula
- [ ] proof
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


def furnish(browser: Browser, server: ParleyServer, provider: Any) -> House:
    expect.set_options(timeout=PATIENCE)
    invitation = _furniture(server)
    people = {"owner": (USER, PASSWORD), "member": (MEMBER, password_of(MEMBER))}
    house = House(server, {who: _state(browser, server, *one) for who, one in people.items()}, {})
    context = house.context(browser, "owner")
    chat = Chat(context.new_page())
    house.places["invitation"] = invitation
    house.places["talk"] = _talk(chat, provider)
    house.places["rich"] = _rich(chat, provider)
    house.places["waiting"] = _waiting(chat)
    house.places["shared"] = _shared(chat, house.places["talk"])
    house.places["beside"] = _beside(chat, provider)
    context.close()
    server.manage("shell", "-v0", "-c", ASK_NO_MORE)
    return house


def first_run(data: Path) -> ParleyServer:
    """A server on which nobody has an account yet."""
    data.mkdir()
    return ParleyServer(data, PARLEY_DEBUG="0").start()


def _furniture(server: ParleyServer) -> str:
    """The path of an invitation."""
    command = [sys.executable, "-m", "tests.browser.furniture"]
    made = subprocess.run(command, cwd=ROOT, env=server.environment, stdout=subprocess.PIPE, check=True)
    return made.stdout.decode().split()[-1]


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


def _rich(chat: Chat, provider: Any) -> str:
    """Files, a call that was approved, formulas, a wide table."""
    chat.open().choose("demo/tools").send('calculator {"expression": "6*7"}')
    chat.answer.get_by_role("button", name="Approve").click()
    chat.ended()
    with chat.page.expect_file_chooser() as chooser:
        chat.page.get_by_role("button", name="Attach files").click()
    chooser.value.set_files([PICTURE, REPORT])
    expect(chat.page.locator(".attachment")).to_have_count(2)
    expect(chat.page.locator(".attachment.waiting")).to_have_count(0)
    provider.play(text=RICH_ANSWER, usage={"input": 310, "output": 95})
    chat.choose(MODEL).send("How long does the light take? 请用公式说明。")
    expect(chat.answer.locator("table")).to_be_visible()
    chat.ended()
    return chat.path


def _beside(chat: Chat, provider: Any) -> str:
    """Three answers, one of which failed."""
    provider.play(status=400, body={"error": {"message": "no", "type": "invalid_request_error"}})
    chat.open("/compare")
    selects = chat.page.locator(".side-row select")
    expect(selects).to_have_count(2)
    chat.page.get_by_role("button", name="Add a model").click()
    for place, model in enumerate(("demo/chat", MODEL, "demo/chat")):
        selects.nth(place).select_option(model)
    chat.page.keyboard.press("Escape")
    chat.send("Who is right?")
    for place, status in enumerate(("complete", "failed", "complete")):
        expect(chat.page.locator(".beside .message").nth(place)).to_have_attribute("data-status", status)
    return chat.path


def _waiting(chat: Chat) -> str:
    chat.open().choose("demo/tools").send('calculator {"expression": "6*7"}')
    expect(chat.answer.locator(".approval")).to_be_visible()
    return chat.path


def _shared(chat: Chat, talk: str) -> str:
    """Lets the member in as one who reads; gives the address of a link."""
    chat.open(talk)
    own = chat.page.locator(".session:has([aria-current])")
    own.hover()
    own.locator("[data-menu-button]").click()
    own.locator("[data-session-share]").click()
    dialog = chat.page.locator("dialog.sharing")
    expect(dialog.locator("li").first).to_be_visible()
    dialog.locator("[name=username]").fill(MEMBER)
    dialog.locator("[data-people-form] button").click()
    expect(dialog.locator("[data-members-list] li")).to_have_count(2)
    dialog.locator("[data-link-form] button").click()
    address = dialog.locator("[data-link-url]")
    expect(address).to_be_visible()
    return address.input_value()
