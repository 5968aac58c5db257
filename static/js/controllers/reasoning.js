// What a model thought, folded away. While it thinks, the label says so; an open fold follows along.

import { fromTemplate, setText } from "#controllers/controller.js"
import { MarkdownView } from "#controllers/markdown.js"
import { t } from "#helpers/t.js"

export class ReasoningView {
  #began = Date.now()
  #seconds = 0
  #sawItOpen = false

  constructor() {
    this.element = fromTemplate("reasoning-template")
    this.label = this.element.querySelector("[data-reasoning-label]")
    this.view = new MarkdownView(this.element.querySelector("[data-reasoning-text]"))
  }

  update(part, growing, message) {
    if (growing && !this.#sawItOpen) this.#sawItOpen = true
    if (growing) this.#seconds = Math.round((Date.now() - this.#began) / 1000)
    this.element.classList.toggle("thinking", growing)
    setText(this.label, growing ? t("Thinking…") : this.#thought(message))
    this.view.update(part.text ?? "", growing)
  }

  disconnect() {
    this.view.disconnect()
  }

  // As the server counted, once it has told; it counts all thoughts of an answer together.
  #thought({ parts, timings }) {
    const isAlone = parts.filter(({ type }) => type === "reasoning").length === 1
    const counted = isAlone ? Math.round((timings?.reasoning_ms ?? 0) / 1000) : 0
    const seconds = counted || (this.#sawItOpen ? this.#seconds : 0)
    return seconds < 2 ? t("Thought for a moment") : t("Thought for {seconds} s", { seconds })
  }
}
