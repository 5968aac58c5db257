// What did not come about, in words, above the message field.

import { Controller, setText } from "#controllers/controller.js"
import { goneOr, refusalInWords } from "#helpers/next-step.js"

export class NoticeController extends Controller {
  connect() {
    const { conversation, page } = this.app
    this.listen(conversation, "opened", () => (this.element.hidden = true))
    this.listen(conversation, "missing", ({ detail }) => this.#say(goneOr(detail)))
    this.listen(page, "failed", ({ detail }) => this.#say(detail))
  }

  // --- internal

  #say(error) {
    this.element.hidden = false
    setText(this.element, refusalInWords(error))
  }
}
