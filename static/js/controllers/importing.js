// Brings in conversations from a file: the button in the menu, and a dialog that says how it went.

import { Controller, setText } from "#controllers/controller.js"
import { said, t } from "#helpers/t.js"

export class ImportingController extends Controller {
  connect() {
    this.field = this.part("import-file")
    this.listen(document.querySelector("[data-import-open]"), "click", () => this.field.click())
    this.listen(this.field, "change", this.#onChosen)
  }

  // --- internal

  async #onChosen() {
    const [file] = this.field.files
    this.field.value = ""
    if (!file) return
    this.#say(t("Reading {name}…", { name: file.name }), true)
    this.element.showModal()
    try {
      const { results, left_out } = await this.app.api.importFile(file)
      this.#say([t("Chats brought in: {count}.", { count: results.length }), left_out.length && t("Left out: {count}.", { count: left_out.length })].filter(Boolean).join(" "))
      if (results.length === 1) this.app.router.go(results[0].id)
      await this.app.sessions.refresh()
    } catch (error) {
      this.#say(said(error) || t("That did not work. Try again."))
    }
  }

  #say(words, busy = false) {
    setText(this.part("import-news"), words)
    this.part("import-close").disabled = busy
  }
}
