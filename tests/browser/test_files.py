"""Files in the browser: chosen, dropped and pasted; on their way, in messages, and refused."""

from playwright.sync_api import FilePayload, expect

from tests import hostile
from tests.browser.chat import Chat

PICTURE: FilePayload = {"name": "a photo.png", "mimeType": "image/png", "buffer": hostile.picture()}
REPORT: FilePayload = {"name": "report.pdf", "mimeType": "application/pdf", "buffer": hostile.pdf()}
SOUND: FilePayload = {"name": "voice.wav", "mimeType": "audio/wav", "buffer": hostile.sound()}
PROGRAM: FilePayload = {"name": "setup.exe", "mimeType": "", "buffer": b"MZ\x90\0" + b"\0" * 100}


def attach(chat: Chat, *files: FilePayload) -> None:
    with chat.page.expect_file_chooser() as chooser:
        chat.page.get_by_role("button", name="Attach files").click()
    chooser.value.set_files(files)
    expect(chat.page.locator(".attachment")).to_have_count(len(files))
    expect(chat.page.locator(".attachment.waiting")).to_have_count(0)


def test_files_are_sent_with_a_message_and_shown_in_it(chat: Chat) -> None:
    chat.choose("demo/fast")
    attach(chat, PICTURE, REPORT, SOUND)
    chips = chat.page.get_by_role("list", name="Attached files").get_by_role("listitem")
    expect(chips).to_have_count(3)
    expect(chips.nth(0).locator("img")).to_be_visible()
    expect(chat.page.locator("[data-attachments-news]")).to_contain_text("is attached")
    chat.send("What are these?").ended()
    expect(chips).to_have_count(0)
    for _ in range(2):  # as it was sent, and after a reload
        picture = chat.question.get_by_role("img", name="a photo.png")
        expect(picture).to_be_visible()
        expect(picture).to_have_js_property("naturalWidth", 64)
        expect(chat.question.get_by_role("link", name="Download report.pdf")).to_be_visible()
        assert chat.question.locator("audio").evaluate(
            "a => new Promise(r => a.readyState ? r(true) : a.onloadedmetadata = () => r(true))"
        )
        chat.page.reload()
        chat.ended()
    with chat.page.expect_popup() as opened:
        chat.question.get_by_role("link", name="Open a photo.png").click()
    opened.value.wait_for_load_state()
    assert "/content/" in opened.value.url
    with chat.page.expect_download() as download:
        chat.question.get_by_role("link", name="Download report.pdf").click()
    assert download.value.suggested_filename == "report.pdf"


def test_files_alone_are_a_message(chat: Chat) -> None:
    chat.choose("demo/fast")
    send = chat.page.get_by_role("button", name="Send")
    expect(send).to_be_disabled()
    attach(chat, REPORT)
    expect(send).to_be_enabled()
    send.click()
    chat.ended()
    expect(chat.page.locator('.session a[aria-current="page"]')).to_have_text("report.pdf")


def test_a_refused_file_says_why_and_can_be_removed_by_keyboard(chat: Chat) -> None:
    attach(chat, PROGRAM, PICTURE)
    chat.page.locator("[data-composer-input]").fill("Look")
    failed = chat.page.locator(".attachment.failed")
    expect(failed).to_contain_text("This type of file is not supported.")
    expect(chat.page.get_by_role("button", name="Send")).to_be_disabled()
    failed.get_by_role("button", name="Remove setup.exe").focus()
    chat.page.keyboard.press("Enter")
    expect(failed).to_have_count(0)
    expect(chat.page.locator("[data-composer-input]")).to_be_focused()
    expect(chat.page.get_by_role("button", name="Send")).to_be_enabled()
    chat.complaints[:] = [said for said in chat.complaints if "415" not in said]


def test_an_upload_that_broke_off_says_so_and_is_sent_again_by_keyboard(chat: Chat) -> None:
    chat.page.route("**/api/files/*", lambda route: route.abort("connectionreset"), times=1)
    with chat.page.expect_file_chooser() as chooser:
        chat.page.get_by_role("button", name="Attach files").click()
    chooser.value.set_files([REPORT])
    chip = chat.page.locator(".attachment")
    expect(chip).to_contain_text("The server cannot be reached. Try again")
    chip.get_by_role("button", name="Upload report.pdf again").press("Enter")
    expect(chip.get_by_role("button", name="Remove report.pdf")).to_be_focused()
    expect(chip).to_have_class("attachment")
    expect(chat.page.get_by_role("button", name="Send")).to_be_enabled()


def test_files_can_be_dropped_and_pasted(chat: Chat) -> None:
    for kind, place, transfer in (
        ("drop", "body", "dataTransfer"),
        ("paste", "[data-composer-input]", "clipboardData"),
    ):
        chat.page.locator(place).evaluate(
            """(element, [kind, transfer]) => {
                const carried = new DataTransfer()
                carried.items.add(new File(["words"], `${kind}.txt`))
                const event = kind === "paste"
                    ? new ClipboardEvent(kind, { clipboardData: carried, bubbles: true, cancelable: true })
                    : new DragEvent(kind, { dataTransfer: carried, bubbles: true, cancelable: true })
                element.dispatchEvent(event)
            }""",
            [kind, transfer],
        )
        expect(chat.page.locator(".attachment", has_text=f"{kind}.txt")).not_to_have_class(
            "attachment waiting"
        )
    expect(chat.page.locator(".attachment")).to_have_count(2)
    chat.page.set_viewport_size({"width": 360, "height": 740})
    assert chat.page.evaluate("document.documentElement.scrollWidth") <= 360


def test_an_edit_keeps_the_files(chat: Chat) -> None:
    chat.choose("demo/fast")
    attach(chat, REPORT)
    expect(chat.page.get_by_role("button", name="Send")).to_be_enabled()
    chat.send("first wording").ended()
    chat.question.hover()
    chat.question.locator("[data-message-edit]").click()
    chat.page.locator("form.edit textarea").fill("second wording")
    chat.page.locator("form.edit").get_by_role("button", name="Send").click()
    expect(chat.question).to_contain_text("second wording")
    expect(chat.question.get_by_role("link", name="Download report.pdf")).to_be_visible()
    chat.ended()
