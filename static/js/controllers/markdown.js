// One Markdown text on the page, growing or whole. Settled blocks are appended and left alone; the open one at
// the end is patched, a list or table from its last item or row on. What is costly to draw is drawn less often.

import { highlight, inPieces } from "#controllers/code-block.js"
import { drawn } from "#controllers/nodes.js"
import { patch } from "#controllers/patch.js"
import { Blocks } from "#models/blocks.js"

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
    const { reset, settled, open, kept } = this.#blocks.update(text, growing)
    if (reset) this.element.replaceChildren()
    if (settled.length) this.#settle(settled)
    this.#drawOpen(open, kept)
    this.#notBefore = performance.now() + (performance.now() - began) * SHARE
  }

  #settle(tokens) {
    this.#open.remove()
    this.#open.replaceChildren()
    const from = this.element.childNodes.length
    this.element.append(drawn(tokens))
    for (const node of [...this.element.childNodes].slice(from)) highlight(node)
  }

  #drawOpen(tokens, kept) {
    const fresh = document.createElement("div")
    fresh.append(drawn(tokens))
    inPieces(fresh)
    if (kept) patch(rowsOf(this.#open), rowsOf(fresh), kept)
    else patch(this.#open, fresh)
    if (!tokens.length) this.#open.remove()
    else if (this.element.lastChild !== this.#open) this.element.append(this.#open) // a move is laid out as a whole
  }
}

// Where the items of the list, or the rows of the table, are that a block begins with.
function rowsOf(block) {
  return block.querySelector("ul, ol, tbody")
}
