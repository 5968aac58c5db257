"""The chat page in the words of somebody who uses it."""

from playwright.sync_api import ConsoleMessage, Locator, Page, expect

# What the console says of a server that is away, or of a page that was refused: the tests do that on purpose.
EXPECTED = ("ERR_CONNECTION_REFUSED", "WebSocket connection to", "ERR_CONNECTION_RESET", "ERR_EMPTY_RESPONSE")


class Chat:
    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, path: str = "/") -> "Chat":
        self.page.goto(path)
        self.connected()
        return self

    def connected(self) -> None:
        expect(self.page.locator(".connection")).to_have_attribute("data-state", "connected")

    def choose(self, model: str) -> "Chat":
        self.page.locator(".picker-button").click()
        self.page.locator(f'[data-model="{model}"]').click()
        return self

    def send(self, text: str) -> "Chat":
        self.page.locator("[data-composer-input]").fill(text)
        self.page.keyboard.press("Enter")
        return self

    @property
    def answer(self) -> Locator:
        return self.page.locator('.message[data-role="assistant"]').last

    @property
    def question(self) -> Locator:
        return self.page.locator('.message[data-role="user"]').last

    def lane(self, label: str) -> Locator:
        """Of an agent that works for the last answer."""
        return self.answer.locator(".lane").filter(has=self.page.locator(".lane-name", has_text=label))

    @property
    def path(self) -> str:
        """Of the session, once it has one."""
        self.page.wait_for_url("**/s/*")
        return f"/s/{self.page.url.rsplit('/', 1)[1]}"

    @property
    def stop_button(self) -> Locator:
        return self.page.locator("[data-composer-stop]")

    def ended(self, status: str = "complete") -> "Chat":
        expect(self.answer).to_have_attribute("data-status", status)
        return self

    def copied(self, message: Locator) -> str:
        """What the copy button of a message gives."""
        self.page.evaluate("navigator.clipboard.writeText('')")
        message.hover()
        message.locator("[data-message-copy]").click()
        expect(message).to_have_class("message copied")
        return str(self.page.evaluate("navigator.clipboard.readText()"))

    def shown(self, message: Locator) -> str:
        return message.locator("[data-message-parts]").inner_text()

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(known in message.text for known in EXPECTED):
            self.complaints.append(message.text)
