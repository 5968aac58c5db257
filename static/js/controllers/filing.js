// Which folder of the reader's list a chat is in: one that is there, a new one, or none.

import { Controller } from "#controllers/controller.js"

export class FilingController extends Controller {
  #session

  connect() {
    this.field = this.part("filing-name")
    this.listen(this.app.page, "file", ({ detail }) => this.#open(detail))
    this.listen(this.element, "close", this.#onClose)
    for (const button of this.element.querySelectorAll("button[type=button]")) {
      this.listen(button, "click", () => this.element.close(button.value))
    }
  }

  // --- internal

  #open(session) {
    this.#session = session
    this.element.returnValue = ""
    this.field.value = session.folder
    this.part("filing-folders").replaceChildren(...this.app.sessions.folders.map(choice))
    this.element.showModal()
    this.field.select()
  }

  #onClose() {
    const folder = { file: this.field.value.trim(), none: "" }[this.element.returnValue]
    if (folder === undefined || folder === this.#session.folder) return
    this.app.sessions.mark(this.#session.id, { folder }).catch((error) => this.fail(error))
  }
}

function choice(name) {
  return Object.assign(document.createElement("option"), { value: name })
}
