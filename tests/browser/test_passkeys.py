"""A passkey is added in the settings and signs in afterwards, without a password. The authenticator is
Chromium's own virtual one; browsers have passkeys over https alone, or at localhost."""

from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_in
from tests.server import ParleyServer

USER, PASSWORD = "kay", "kay-pass-word"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Authenticator:
    """In this page's tab."""

    def __init__(self, page: Page) -> None:
        self._browser = page.context.new_cdp_session(page)
        self._browser.send("WebAuthn.enable")
        made = self._browser.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
        self._id = {"authenticatorId": made["authenticatorId"]}

    @property
    def held(self) -> list[Any]:
        return list(self._browser.send("WebAuthn.getCredentials", self._id)["credentials"])


def test_a_passkey_signs_in_without_a_password(stranger: Page, parley: ParleyServer) -> None:
    parley.manage("shell", "-v0", "-c", f"from tests.cast import make_user; make_user('{USER}')")
    url = parley.url.replace("127.0.0.1", "localhost")
    authenticator = Authenticator(stranger)
    sign_in(stranger, parley, PASSWORD, USER, url)
    stranger.wait_for_url(f"{url}/")
    _add_passkey(stranger, url)
    [added] = authenticator.held
    assert added["isResidentCredential"] and added["rpId"] == "localhost"

    stranger.goto(f"{url}/")
    stranger.locator(".user-button").click()
    stranger.get_by_role("button", name="Sign out").click()
    stranger.get_by_role("button", name="Sign in with a passkey").click()
    stranger.wait_for_url(f"{url}/")
    expect(stranger.locator(".connection")).to_have_text("Connected")
    [used] = authenticator.held
    assert used["signCount"] > added["signCount"]


def _add_passkey(page: Page, url: str) -> None:
    page.goto(f"{url}/settings")
    page.get_by_role("link", name="Two steps and passkeys").click()
    page.locator('a[href="/account/2fa/webauthn/add/"]').click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Name").fill("A laptop")
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("Security key added.")).to_be_visible()
