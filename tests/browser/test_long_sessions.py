"""A long session on the page: its end at once, the rest as it comes, and only what is near."""

from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.chat import Chat
from tests.browser.conftest import USER
from tests.server import ParleyServer

COUNT = 300
MOST = 160  # messages on the page: static/js/models/stretch.js
FILL = """
from django.contrib.auth import get_user_model
from chat.models import ChatSession, Message
owner = get_user_model().objects.get(username="{user}")
session = ChatSession.objects.create(id="{id}", owner=owner, title="Long")
messages = [None]
for number in range({count}):
    role = ("user", "assistant")[number % 2]
    parts = [{{"type": "text", "text": f"Message {{number}} " + "says something. " * 20}}]
    messages.append(Message(session=session, parent=messages[-1], role=role, parts=parts))
Message.objects.bulk_create(messages[1:], batch_size=500)
session.leaf = messages[-1]
session.save(update_fields=["leaf"])
"""
# One step up; gives the number of the first message there. Remembers how many were on the page at most.
UP = """
const shown = document.querySelectorAll(".messages > .message")
globalThis.most = Math.max(globalThis.most ?? 0, shown.length)
document.querySelector(".scroll").scrollTop = 0
return Number(/Message (\\d+) /.exec(shown[0].textContent)[1])
"""
# Goes to the edge; what was seen there is remembered with its place on the screen.
TO_EDGE = """() => {
  document.querySelector(".scroll").scrollTop = 0
  globalThis.edge = document.querySelector(".messages > .message")
  globalThis.place = edge.getBoundingClientRect().top
}"""


@pytest.fixture(scope="module")
def path(parley: ParleyServer) -> str:
    session_id = str(uuid4())
    parley.manage("shell", "-c", FILL.format(id=session_id, user=USER, count=COUNT))
    return f"/s/{session_id}"


def _message(page: Page, number: int) -> Any:
    return page.locator(".messages > .message").filter(has_text=f"Message {number} ")


def _scroll_up_to(page: Page, number: int) -> None:
    page.wait_for_function(f"() => (() => {{{UP}}})() <= {number}")


class HeldBack:
    """Keeps the older messages of a snapshot, and what comes after them, until they are let go."""

    def __init__(self, page: Page) -> None:
        self._kept: list[str | bytes] = []
        self._keeps = True
        page.route_web_socket("**/ws/chat/", self._connect)

    def let_go(self) -> None:
        self._keeps = False
        for frame in self._kept:
            self._line.send(frame)

    def _connect(self, line: WebSocketRoute) -> None:
        self._line = line
        line.connect_to_server().on_message(self._pass_on)

    def _pass_on(self, frame: str | bytes) -> None:
        is_older = str(frame).startswith('{"type":"snapshot"') and '"position"' not in str(frame)
        if self._keeps and (is_older or self._kept):
            self._kept.append(frame)
        else:
            self._line.send(frame)


def test_the_newest_messages_are_there_before_the_older_ones_came(chat: Chat, path: str) -> None:
    older = HeldBack(chat.page)
    chat.page.goto(path)
    expect(_message(chat.page, COUNT - 1)).to_be_in_viewport()
    expect(_message(chat.page, 0)).to_have_count(0)
    older.let_go()
    _scroll_up_to(chat.page, 100)


def test_the_page_holds_only_what_is_near_and_goes_to_the_end_at_once(chat: Chat, path: str) -> None:
    page = chat.open(path).page
    expect(_message(page, COUNT - 1)).to_be_in_viewport()
    _scroll_up_to(page, 0)
    assert page.evaluate("most") <= MOST
    expect(_message(page, COUNT - 1)).to_have_count(0)
    page.locator("[data-scroll-jump]").click()
    expect(_message(page, COUNT - 1)).to_be_in_viewport()
    expect(page.locator("[data-scroll-jump]")).to_be_hidden()


def test_what_one_reads_stays_where_it_is_when_older_messages_come(chat: Chat, path: str) -> None:
    page = chat.open(path).page
    expect(_message(page, COUNT - 1)).to_be_in_viewport()
    page.evaluate(TO_EDGE)
    page.wait_for_function("() => document.querySelector('.messages > .message') !== edge")
    assert abs(page.evaluate("edge.getBoundingClientRect().top - place")) <= 2
