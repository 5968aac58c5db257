"""What operators see: the figures as they change, and what stops a run."""

from playwright.sync_api import expect

from tests.browser.chat import Chat
from tests.browser.conftest import ThreadedProvider


def test_the_live_page_follows_a_run_until_an_operator_stops_it(
    chat: Chat, provider: ThreadedProvider
) -> None:
    provider.play(text="At last.", delay=600)
    live = chat.page.context.new_page()
    live.goto("/admin/chat/alert/live/")
    expect(live.locator('#live [data-state="live"]')).to_be_visible()
    expect(live.locator("[data-rows=providers] tr", has_text="openai")).to_have_count(1)
    chat.choose("openai/gpt-4o-mini").send("A long one")
    expect(chat.stop_button).to_be_visible()
    expect(live.locator('[data-figure="runs.running"]')).not_to_have_text("0")
    runs = chat.page.context.new_page()
    runs.goto("/admin/chat/run/?status__exact=running&model=gpt-4o-mini")
    runs.locator("#action-toggle").check()
    runs.locator("select[name=action]").select_option("stop")
    runs.get_by_role("button", name="Go").click()
    expect(runs.locator(".messagelist")).to_contain_text("Asked to stop")
    chat.ended("cancelled")
    expect(live.locator('[data-figure="runs.running"]')).to_have_text("0")
