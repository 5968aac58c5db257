// Says that a chat was deleted, for as long as it can be had back.

import { Controller, setText } from "#controllers/controller.js"
import { t } from "#helpers/t.js"

export class UndoController extends Controller {
  connect() {
    const { deletions } = this.app
    this.listen(deletions, "changed", this.#refresh)
    this.listen(this.part("undo-button"), "click", this.#undo)
    this.listen(window, "pagehide", () => deletions.settle())
  }

  // --- internal

  #undo() {
    const { session } = this.app.deletions
    this.app.deletions.undo()
    this.app.router.go(session.id)
    document.querySelector("[data-composer-input]").focus()
  }

  #refresh() {
    const { session } = this.app.deletions
    this.element.hidden = !session
    setText(this.part("undo-text"), session ? t("“{title}” was deleted.", { title: session.title || t("New chat") }) : "")
  }
}
