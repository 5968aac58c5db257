"""A reader with many chats: they come as one scrolls down, and each can be found and used."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chat import Chat
from tests.browser.conftest import USER
from tests.server import ParleyServer

COUNT = 120  # more than two pages
FILL = """
from datetime import timedelta
from django.contrib.auth import get_user_model
from django.utils import timezone
from chat.models import ChatSession
owner = get_user_model().objects.get(username="{user}")
old = [ChatSession(owner=owner, title=f"Old chat {{number}}") for number in range({count})]
for number, session in enumerate(ChatSession.objects.bulk_create(old)):
    session.updated_at = timezone.now() - timedelta(days=400 + number)
ChatSession.objects.bulk_update(old, ["updated_at"])
"""
# To the end of what is there; whether the last chat is.
DOWN = """() => {
  const list = document.querySelector(".sessions")
  list.scrollTop = list.scrollHeight
  return document.querySelector("[data-sessions-more]").hidden
}"""


@pytest.fixture
def many(parley: ParleyServer) -> Iterator[None]:
    parley.manage("shell", "-c", FILL.format(user=USER, count=COUNT))
    yield
    parley.manage(
        "shell",
        "-c",
        "from chat.models import ChatSession; ChatSession.objects.filter(title__startswith='Old').delete()",
    )


def _old(page: Page, number: int) -> str:
    return f'.session:has(a[title="Old chat {number}"])'


@pytest.mark.usefixtures("many")
def test_older_chats_come_as_one_scrolls_down_and_can_be_pinned(chat: Chat) -> None:
    page = chat.open("/").page
    expect(page.locator(".session").first).to_be_attached()
    assert page.locator(_old(page, COUNT - 1)).count() == 0
    page.wait_for_function(DOWN)
    last = page.locator(_old(page, COUNT - 1))
    expect(last).to_be_in_viewport()
    expect(page.locator(".session a[title^='Old chat ']")).to_have_count(COUNT)
    last.hover()
    last.locator("[data-menu-button]").click()
    last.get_by_role("button", name="Pin").click()
    pinned = page.locator(".sessions section", has=page.get_by_role("heading", name="Pinned"))
    expect(pinned.locator(".session", has_text=f"Old chat {COUNT - 1}")).to_have_count(1)
