"""Every screen of the product: what the screenshots show and what is checked for accessibility.

A screen says who looks, at which address, and what they open there, in any language.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from playwright.sync_api import Page, expect

from tests.browser.furniture import CAREFUL, password_of
from tests.browser.house import House


@dataclass(frozen=True)
class Screen:
    name: str
    who: str  # owner, member or guest
    path: str  # an address, or the name of a place of the house in braces
    opens: Callable[[Page], None] = lambda page: None

    def show(self, page: Page, house: House) -> None:
        page.goto(self.path.format(**house.places))
        connection = page.locator(".connection")
        if connection.count():
            expect(connection).to_have_attribute("data-state", "connected")
            expect(page.locator(".session a, [data-sessions-empty]:not([hidden])").first).to_be_attached()
        self.opens(page)


# --- what is opened on a page ---------------------------------------------------------------


def _sidebar(page: Page) -> None:
    if (button := page.locator("[data-drawer-open]")).is_visible():
        button.click()
    expect(page.locator(".session a").first).to_be_visible()


def _picker(page: Page) -> None:
    page.locator(".picker-button").click()
    expect(page.locator(".option").first).to_be_visible()


def _user_menu(page: Page) -> None:
    _sidebar(page)
    page.locator(".user-button").click()


def _chat_menu(page: Page) -> None:
    _sidebar(page)
    page.locator(".session:has([aria-current])").hover()
    page.locator(".session:has([aria-current]) [data-menu-button]").click()


def _shortcuts(page: Page) -> None:
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    expect(page.locator("[data-shortcuts-list]")).to_be_visible()


def _searching(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.locator("[data-search-field]").fill("file")
    expect(page.locator(".hit").first).to_be_visible()


def _editing(page: Page) -> None:
    page.locator('.message[data-role="user"]').last.hover()
    page.locator('.message[data-role="user"]').last.locator("[data-message-edit]").click()


def _talking(page: Page) -> None:
    expect(page.locator(".message .code .hl-keyword").first).to_be_visible()


def _approving(page: Page) -> None:
    expect(page.locator(".approval")).to_be_visible()


def _dialog(name: str) -> Callable[[Page], None]:
    def opens(page: Page) -> None:
        _chat_menu(page)
        page.locator(f".session:has([aria-current]) [data-session-{name}]").click()
        expect(page.locator("dialog[open]")).to_be_visible()

    return opens


def _importing(page: Page) -> None:
    _user_menu(page)
    with page.expect_file_chooser():
        page.locator("[data-import-open]").click()


def _two_steps(page: Page) -> None:
    page.locator("[name=username]").fill(CAREFUL)
    page.locator("[name=password]").fill(password_of(CAREFUL))
    page.locator("[name=password]").press("Enter")
    page.wait_for_url("**/2fa/authenticate/**")


def _wrong_password(page: Page) -> None:
    page.locator("[name=username]").fill("nobody")
    page.locator("[name=password]").fill("not it")
    page.locator("[name=password]").press("Enter")
    expect(page.locator("[role=alert], .card-fine br")).not_to_have_count(0)


def _forged(page: Page) -> None:
    page.locator("main [name=csrfmiddlewaretoken]").first.evaluate("input => input.value = 'another'")
    _wrong_password(page)


def _rich(page: Page) -> None:
    expect(page.locator(".message img").first).to_be_visible()
    expect(page.locator(".message math").first).to_be_visible()


def _beside(page: Page) -> None:
    expect(page.locator(".beside .message [data-message-parts]").first).to_be_visible()


def _usage(page: Page) -> None:
    expect(page.locator("[data-usage-rows] tr").first).to_be_visible()


def _live(page: Page) -> None:
    expect(page.locator('#live [data-state="live"]')).to_be_visible()


FIRST_RUN: Final = (Screen("first-run", "guest", "{first-run}"),)

SCREENS: Final = (
    Screen("sign-in", "guest", "/login/"),
    Screen("sign-in-wrong", "guest", "/login/", _wrong_password),
    Screen("sign-in-two-steps", "guest", "/login/", _two_steps),
    Screen("sign-up-closed", "guest", "/account/signup/"),  # before the invitation, which opens it
    Screen("invitation", "guest", "{invitation}"),
    Screen("reset", "guest", "/account/password/reset/"),
    Screen("reset-sent", "guest", "/account/password/reset/done/"),
    Screen("reset-used", "guest", "/account/password/reset/key/1-used/"),
    Screen("offline", "guest", "/offline"),
    Screen("shared", "guest", "{shared}"),
    Screen("not-found", "guest", "/share/nothing"),
    Screen("forbidden", "guest", "/login/", _forged),
    Screen("start", "owner", "/"),
    Screen("talk", "owner", "{talk}", _talking),
    Screen("rich", "owner", "{rich}", _rich),
    Screen("beside", "owner", "{beside}", _beside),
    Screen("approval", "owner", "{waiting}", _approving),
    Screen("edit", "owner", "{talk}", _editing),
    Screen("sidebar", "owner", "{talk}", _sidebar),
    Screen("chat-menu", "owner", "{talk}", _chat_menu),
    Screen("folder", "owner", "{talk}", _dialog("folder")),
    Screen("user-menu", "owner", "/", _user_menu),
    Screen("models", "owner", "/", _picker),
    Screen("sharing", "owner", "{talk}", _dialog("share")),
    Screen("search", "owner", "/", _searching),
    Screen("settings", "owner", "/settings"),
    Screen("password", "owner", "/account/password/change/"),
    Screen("email", "owner", "/account/email/"),
    Screen("two-steps", "owner", "/account/2fa/"),
    Screen("authenticator", "owner", "/account/2fa/totp/activate/"),
    Screen("passkeys", "owner", "/account/2fa/webauthn/"),
    Screen("passkey-add", "owner", "/account/2fa/webauthn/add/"),
    Screen("reauthenticate", "owner", "/account/reauthenticate/"),
    Screen("sign-out", "owner", "/logout/"),
    Screen("usage", "owner", "/usage", _usage),
    Screen("compare", "owner", "/compare"),
    Screen("shortcuts", "owner", "/", _shortcuts),
    Screen("start", "member", "/"),
    Screen("talk", "member", "{talk}", _talking),
    Screen("settings", "member", "/settings"),
    Screen("user-menu", "member", "/", _user_menu),
    Screen("gone", "member", "/s/00000000-0000-0000-0000-000000000000"),
)


def _administration(name: str, path: str, opens: Callable[[Page], None] = lambda page: None) -> Screen:
    return Screen(f"admin-{name}", "owner", f"/admin/{path}", opens)


ADMIN: Final = (
    _administration("index", ""),
    _administration("providers", "providers/provider/"),
    _administration("provider", "providers/provider/openai/change/"),
    _administration("provider-add", "providers/provider/add/"),
    _administration("prices", "providers/providermodel/"),
    _administration("routes", "providers/route/"),
    _administration("route", "providers/route/1/change/"),
    _administration("runs", "chat/run/"),
    _administration("users", "auth/user/"),
    _administration("invitation-add", "chat/invitation/add/"),
    _administration("keys", "chat/apikey/"),
    _administration("key-add", "chat/apikey/add/"),
    _administration("budgets", "chat/budget/"),
    _administration("budget-add", "chat/budget/add/"),
    _administration("usage", "chat/usagerecord/"),
    _administration("agents", "chat/agent/"),
    _administration("agent-add", "chat/agent/add/"),
    _administration("tools", "chat/mcpserver/"),
    _administration("tool-rules", "chat/toolrule/"),
    _administration("audit", "chat/auditentry/"),
    _administration("alerts", "chat/alert/"),
    _administration("memory", "chat/memorysettings/"),
    _administration("live", "chat/alert/live/", _live),
)
