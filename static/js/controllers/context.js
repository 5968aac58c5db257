// Below an answer: what it was told of earlier, folded. Opened, it shows the memories and the summary, which can be
// changed. What is not one's own, or was forgotten, is not there.

import { fromTemplate, setText } from "#controllers/controller.js"
import { SummaryForm } from "#controllers/summary-form.js"
import { contextInWords } from "#helpers/context.js"

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
  }

  // --- internal

  async #fill() {
    const { session_id, context } = this.#message
    const key = JSON.stringify(context)
    if (key === this.#shown) return
    this.#shown = key
    const [facts, summary] = await Promise.all([this.#facts(context.memories ?? []), this.#summary(session_id, context.window?.summary_id)])
    this.body.replaceChildren(...[facts, summary].filter(Boolean))
  }

  async #facts(ids) {
    const found = await Promise.all(ids.map((id) => this.app.api.memory(id).catch(() => null)))
    const known = found.filter(Boolean)
    if (!known.length) return null
    const block = fromTemplate("context-facts-template")
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
