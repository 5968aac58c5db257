// Below an answer: what it was told of earlier, folded. Opened, it shows the memories and the summary, which can be
// changed. What is not one's own, or was forgotten, is not there.

import { fromTemplate, setText } from "#controllers/controller.js"
import { SummaryForm } from "#controllers/summary-form.js"
import { contextInWords } from "#helpers/context.js"
import { t } from "#helpers/t.js"

export class ContextView {
  #message
  #shown = "" // what the opened body was filled for

  constructor(element, app) {
    this.element = element
    this.app = app
    this.body = element.querySelector("[data-context-body]")
    element.addEventListener("toggle", () => element.open && this.#fill())
  }

  update(message) {
    this.#message = message
    const words = contextInWords(message.context)
    this.element.hidden = !words
    setText(this.element.querySelector("[data-context-label]"), words)
    if (this.element.open) this.#fill()
  }

  // --- internal

  async #fill() {
    const { session_id, context } = this.#message
    const key = JSON.stringify(context)
    if (key === this.#shown) return
    this.#shown = key
    const blocks = await Promise.all([
      this.#facts(t("Remembered of you"), context.memories),
      this.#facts(t("Noted from what you wrote"), context.noted),
      this.#summary(session_id, context.window?.summary_id),
    ])
    this.body.replaceChildren(...blocks.filter(Boolean))
  }

  async #facts(heading, ids = []) {
    const found = await Promise.all(ids.map((id) => this.app.api.memory(id).catch(() => null)))
    const known = found.filter(Boolean)
    if (!known.length) return null
    const block = fromTemplate("context-facts-template")
    setText(block.querySelector("h3"), heading)
    block.querySelector("ul").append(...known.map(({ text }) => Object.assign(document.createElement("li"), { textContent: text })))
    return block
  }

  async #summary(sessionId, id) {
    if (!id) return null
    const { results } = await this.app.api.summaries(sessionId).catch(() => ({ results: [] }))
    const summary = results.find((one) => one.id === id)
    return summary ? new SummaryForm(this.app, summary).element : null
  }
}
