from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import sign_in
from tests.server import ParleyServer


def test_a_wrong_password_is_said_so(stranger: Page, parley: ParleyServer) -> None:
    sign_in(stranger, parley, password="wrong")
    expect(stranger.get_by_role("alert")).to_contain_text("is not right")


def test_the_right_password_leads_to_the_chat(stranger: Page, parley: ParleyServer) -> None:
    sign_in(stranger, parley)
    expect(stranger.get_by_role("heading", name="What is on your mind?")).to_be_visible()
    expect(stranger.locator(".connection")).to_have_text("Connected")


def test_signing_out_in_one_tab_sends_the_page_to_the_sign_in(stranger: Page, parley: ParleyServer) -> None:
    sign_in(stranger, parley)
    stranger.locator(".user-button").click()
    stranger.get_by_role("button", name="Sign out").click()
    expect(stranger.get_by_role("heading", name="Sign in")).to_be_visible()
    stranger.goto(f"{parley.url}/")
    expect(stranger).to_have_url(f"{parley.url}/login/?next=/")


def test_an_unknown_session_is_a_page_of_its_own(context: BrowserContext) -> None:
    page = context.new_page()
    answer = page.goto("/s/00000000-0000-7000-8000-000000000000")
    assert answer and answer.status == 404
    expect(page.get_by_role("link", name="Back to the chat")).to_be_visible()
