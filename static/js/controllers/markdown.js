// One Markdown text on the page, growing or whole. Settled blocks are appended and left alone; the open one at
// the end is patched. A costly open block (a table of hundreds of rows) is drawn less often.

import { highlight, inPieces } from "#controllers/code-block.js"
import { nodesOf } from "#controllers/nodes.js"
import { patch } from "#controllers/patch.js"
import { closed } from "#helpers/unfinished.js"
import { Blocks } from "#models/blocks.js"
import { tokensOf } from "#models/markdown.js"

const SHARE = 4 // at most a fifth of the time is spent on drawing one text

export class MarkdownView {
  #blocks = new Blocks()
  #open = document.createElement("div") // holds the block that is still being written
  #drawn = null
  #notBefore = 0
  #later = null

  constructor(element) {
    this.element = element
    this.#open.className = "open-block"
    element.classList.add("prose")
  }

  update(text, growing) {
    const state = `${growing}:${text.length}`
    if (this.#drawn?.state === state && this.#drawn.text === text) return
    clearTimeout(this.#later)
    const wait = growing ? this.#notBefore - performance.now() : 0
    if (wait > 0) this.#later = setTimeout(() => this.#draw(text, growing), wait)
    else this.#draw(text, growing)
    this.#drawn = { state, text }
  }

  disconnect() {
    clearTimeout(this.#later)
  }

  // --- internal

  #draw(text, growing) {
    const began = performance.now()
    const { reset, settled, open } = this.#blocks.update(text, growing)
    if (reset) this.element.replaceChildren()
    if (settled.length) this.#settle(settled)
    this.#drawOpen(open)
    this.#notBefore = performance.now() + (performance.now() - began) * SHARE
  }

  #settle(tokens) {
    this.#open.remove()
    this.#open.replaceChildren()
    const from = this.element.childNodes.length
    this.element.append(...nodesOf(tokens))
    for (const node of [...this.element.childNodes].slice(from)) highlight(node)
  }

  #drawOpen(tokens) {
    const fresh = document.createElement("div")
    const source = tokens.map(({ raw }) => raw).join("")
    const whole = closed(source)
    fresh.append(...nodesOf(whole === source ? tokens : tokensOf(whole)))
    inPieces(fresh)
    patch(this.#open, fresh)
    if (source) this.element.append(this.#open)
    else this.#open.remove()
  }
}
