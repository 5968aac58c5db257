"""The settings page: one's own name and API keys."""

import re

from playwright.sync_api import expect

from tests.browser.chat import Chat


def test_a_key_is_made_shown_once_lets_a_program_in_and_is_revoked(chat: Chat) -> None:
    page = chat.page
    page.goto("/settings")
    keys = page.locator("#keys")
    keys.get_by_role("textbox", name="What it is for").fill("a notebook")
    keys.get_by_role("button", name="Make a key").click()
    shown = keys.get_by_role("textbox", name="The new key")
    expect(shown).to_have_value(re.compile("^pk-"))
    headers = {"Authorization": f"Bearer {shown.input_value()}"}
    assert page.request.get("/v1/models", headers=headers).status == 200
    page.reload()
    expect(shown).to_be_hidden()
    row = keys.get_by_role("listitem").filter(has_text="a notebook")
    row.get_by_role("button", name="Revoke a notebook").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(row).to_have_count(0)
    assert page.request.get("/v1/models", headers=headers).status == 401


def test_a_chosen_name_is_shown_until_it_is_taken_back(chat: Chat) -> None:
    page = chat.page
    page.goto("/settings")
    account = page.locator("#account")
    name = account.get_by_role("textbox", name="Name that others see")
    for chosen, shown, initials in (("Ann 王小明", "Ann 王小明", "A王"), ("", "ann", "A")):
        name.fill(chosen)
        account.get_by_role("button", name="Save").click()
        expect(account.locator("b[data-profile-shown]")).to_have_text(shown)
        expect(account.locator(".avatar")).to_have_text(initials)
    page.goto("/")
    expect(page.locator(".user-name")).to_have_text("ann")
    expect(page.locator(".user .avatar")).to_have_text("A")
