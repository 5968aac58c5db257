"""A workflow in the page: chosen like a model, and its answer alone is the message."""

from typing import Any

from playwright.sync_api import expect

from tests.browser.chat import Chat


def test_a_workflow_is_chosen_like_a_model_and_answers_in_one_message(chat: Chat, provider: Any) -> None:
    provider.play(text="All in one.")
    chat.open().choose("novachat").send("Write about tea").ended()
    expect(chat.answer).to_contain_text("All in one.")
    chat.page.reload()
    chat.connected()
    expect(chat.page.locator(".message")).to_have_count(2)
    expect(chat.stop_button).to_be_hidden()
    assert not chat.complaints
