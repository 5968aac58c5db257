"""The service worker: a page for when the server is away, and nothing else that is kept."""

from typing import Any

from playwright.sync_api import Browser, expect

from tests.browser.chat import Chat
from tests.browser.conftest import PATIENCE
from tests.server import ParleyServer

KEPT = """async () => {
  const paths = []
  for (const name of await caches.keys())
    for (const request of await (await caches.open(name)).keys()) paths.push(new URL(request.url).pathname)
  return paths
}"""


def test_the_page_is_an_app_that_keeps_no_data_and_says_when_the_server_is_away(
    browser: Browser, parley: ParleyServer, signed_in: Any
) -> None:
    context = browser.new_context(base_url=parley.url, storage_state=signed_in)
    context.set_default_timeout(PATIENCE)
    chat = Chat(context.new_page()).open()
    page = chat.page
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    chat.choose("demo/chat").send("Do not keep this").ended()
    page.reload()
    chat.ended()
    kept = page.evaluate(KEPT)
    assert "/offline" in kept
    assert all(path == "/offline" or path.startswith("/static/") for path in kept)
    parley.kill()
    page.reload()
    expect(page.get_by_role("heading")).to_have_text("Parley cannot be reached")
    parley.start()
    page.get_by_role("link", name="Try again").click()
    expect(chat.question).to_contain_text("Do not keep this")
    context.close()


def test_the_manifest_names_icons_that_are_there(stranger: Any, parley: ParleyServer) -> None:
    stranger.goto(f"{parley.url}/login/")
    address = stranger.locator("link[rel=manifest]").get_attribute("href")
    manifest = stranger.request.get(f"{parley.url}{address}").json()
    assert (manifest["display"], manifest["start_url"]) == ("standalone", "/")
    for icon in manifest["icons"]:
        answer = stranger.request.get(f"{parley.url}{icon['src']}")
        assert answer.headers["content-type"] == icon["type"]


def test_chromium_takes_the_page_for_an_app_that_can_be_installed(chat: Chat) -> None:
    devtools = chat.page.context.new_cdp_session(chat.page)
    said = devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]
    # The context of a test is a private window, from which nothing is installed.
    assert [error["errorId"] for error in said if error["errorId"] != "in-incognito"] == []
