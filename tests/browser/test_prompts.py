"""Prompts of one's own: saved on the settings page, used in the message field."""

from playwright.sync_api import BrowserContext, expect

from tests.browser.chat import Chat


def test_a_prompt_is_saved_put_into_the_field_by_its_command_filled_in_changed_and_deleted(
    chat: Chat, context: BrowserContext
) -> None:
    settings = context.new_page()
    settings.goto("/settings")
    section = settings.locator("#prompts")
    section.get_by_label("Command").fill("/Letter")
    section.get_by_label("Title").fill("A letter to somebody")
    section.get_by_label("Text of the prompt").fill("Write to {{whom}} about {{what}}.")
    section.get_by_role("button", name="Save").click()
    expect(section.get_by_role("listitem")).to_contain_text("/letter")
    field, keys = chat.page.locator("[data-composer-input]"), chat.page.keyboard
    field.focus()
    keys.type("/let")
    expect(chat.page.get_by_role("option", name="/letter")).to_be_visible()
    keys.press("Enter")
    expect(field).to_have_value("Write to {{whom}} about {{what}}.")
    keys.type("my landlord")
    keys.press("Tab")
    keys.type("the roof")
    expect(field).to_have_value("Write to my landlord about the roof.")
    section.get_by_role("button", name="Edit").click()
    section.get_by_label("Command").fill("mail")
    section.get_by_role("button", name="Save").click()
    expect(section.get_by_role("listitem")).to_contain_text("/mail")
    field.fill("")
    keys.type("/mail briefly")
    expect(chat.page.get_by_role("option", name="/mail")).to_be_visible()
    keys.press("Enter")
    expect(field).to_have_value("Write to {{whom}} about {{what}}.\n\nbriefly")
    section.get_by_role("button", name="Delete").click()
    expect(section.get_by_role("listitem")).to_have_count(0)
    settings.close()
