"""Tool calls as a person sees and decides them."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Locator, expect

from tests.browser.chat import Chat
from tests.server import ParleyServer

RULES = """
from chat.models import ToolRule
ToolRule.objects.update_or_create(tool='calculator', defaults={'policy': '%s', 'by_default': True})
"""


@pytest.fixture
def asking(parley: ParleyServer, chat: Chat) -> Iterator[Chat]:
    """A new chat in which the calculator asks before it runs."""
    parley.manage("shell", "-v0", "-c", RULES % "ask")
    chat.page.wait_for_timeout(1100)  # what operators set up is remembered for a second
    yield chat.choose("demo/tools")
    parley.manage("shell", "-v0", "-c", "from chat.models import ToolRule; ToolRule.objects.all().delete()")


def form(chat: Chat) -> Locator:
    return chat.answer.locator(".approval")


def test_a_call_waits_across_a_reload_and_runs_with_edited_arguments(
    asking: Chat, context: BrowserContext
) -> None:
    asking.send('calculator {"expression": "1+1"}')
    expect(form(asking)).to_be_visible()
    asking.page.reload()
    expect(form(asking).get_by_role("textbox")).to_have_value('{\n  "expression": "1+1"\n}')
    other = Chat(context.new_page()).open(asking.page.url)
    expect(form(other)).to_be_visible()
    form(asking).get_by_role("button", name="Edit arguments").click()
    form(asking).get_by_role("textbox").fill("not JSON")
    form(asking).get_by_role("button", name="Approve").click()
    expect(form(asking)).to_contain_text("not a JSON object")
    form(asking).get_by_role("textbox").fill('{"expression": "6*7"}')
    form(asking).get_by_role("button", name="Approve").press("Enter")
    asking.ended()
    other.ended()
    for chat in (asking, other):
        expect(form(chat)).to_have_count(0)
        expect(chat.answer.locator(".tool")).to_have_attribute("data-state", "done")
        expect(chat.answer.locator("[data-tool-output]")).to_have_text("42")
    shown = asking.answer.locator(".tool").inner_text()
    asking.page.reload()
    asking.ended()
    assert asking.answer.locator(".tool").inner_text() == shown


def test_a_rejected_call_is_not_run_and_the_answer_goes_on(asking: Chat) -> None:
    asking.send('calculator {"expression": "1+1"}')
    form(asking).get_by_role("button", name="Reject").press("Space")
    asking.ended()
    expect(asking.answer.locator(".tool-state")).to_have_text("Rejected")
    expect(asking.answer.locator(".tool-error")).to_have_text("The person did not allow this call.")
    expect(asking.answer.locator("[data-tool-output]")).to_be_hidden()


def test_stop_ends_an_answer_that_waits_for_a_decision(asking: Chat) -> None:
    asking.send('calculator {"expression": "1+1"}')
    expect(form(asking)).to_be_visible()
    asking.stop_button.click()
    asking.ended("cancelled")
    expect(form(asking)).to_have_count(0)
    expect(asking.answer.locator(".tool-state")).to_have_text("Not run")


def test_tools_are_switched_for_a_chat_by_keyboard_and_stay(chat: Chat) -> None:
    chat.choose("demo/tools")
    button = chat.page.get_by_role("button", name="Tools, none on")
    button.press("Enter")
    item = chat.page.get_by_role("switch", name="calculator")
    expect(chat.page.get_by_role("switch").first).to_be_focused()
    expect(item).to_have_attribute("aria-checked", "false")
    item.press("Space")
    expect(item).to_have_attribute("aria-checked", "true")
    chat.page.keyboard.press("Escape")
    button = chat.page.get_by_role("button", name="Tools, 1 on")
    expect(button).to_be_focused()
    chat.send('calculator {"expression": "6*7"}').ended()
    expect(chat.answer.locator("[data-tool-output]")).to_have_text("42")
    with chat.page.expect_response(lambda response: response.request.method == "PATCH"):
        button.click()
        item.click()
    chat.page.reload()
    expect(chat.page.get_by_role("button", name="Tools, none on")).to_be_visible()
    chat.send("calculator again").ended()
    expect(chat.answer.locator(".tool")).to_have_count(0)
