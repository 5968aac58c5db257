// The summary that stands for the beginning of a chat: read, changed, or deleted, so that another is made.

import { fromTemplate, setText } from "#controllers/controller.js"
import { said, t } from "#helpers/t.js"

export class SummaryForm {
  constructor(app, summary) {
    this.app = app
    this.summary = summary
    this.element = fromTemplate("summary-template")
    this.field = this.element.querySelector("textarea")
    this.field.value = summary.text
    this.element.addEventListener("submit", (event) => this.#save(event))
    this.element.querySelector("[data-summary-delete]").addEventListener("click", () => this.#remove())
  }

  // --- internal

  #save(event) {
    event.preventDefault()
    const { session_id, id } = this.summary
    this.#told(this.app.api.updateSummary(session_id, id, this.field.value), t("Saved: the next answers go by it."))
  }

  async #remove() {
    const { session_id, id } = this.summary
    const done = await this.#told(this.app.api.deleteSummary(session_id, id), t("Deleted"))
    if (done) for (const part of this.element.querySelectorAll("textarea, button")) part.disabled = true
  }

  async #told(change, words) {
    const news = this.element.querySelector("[data-summary-news]")
    try {
      await change
      setText(news, words)
      return true
    } catch (error) {
      setText(news, said(error) || t("That did not work. Try again."))
      return false
    }
  }
}
