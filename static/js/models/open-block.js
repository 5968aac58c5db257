// The block at the end of a growing text. Of a list or a table whatever stands before the last item or row can no longer
// change: it is read once, and only what follows is read again. A list that turns loose (a blank line between items makes
// paragraphs of all of them) is read once more as a whole.

import { closed } from "#helpers/unfinished.js"
import { tokensOf } from "#models/markdown.js"

const MARKER = /^ {0,3}(?:[*+-]|\d{1,9}[.)])/
const WHOLE = { type: "", kept: 0, from: 0, loose: false, head: "" } // nothing is left out

export class OpenBlock {
  #known = WHOLE // `kept` items or rows, which end at the character `from`

  // → {tokens, shown, kept}: of a list or table without the first `kept` items or rows, which are as they were the last
  // time. `shown` are the tokens to draw: marks that are still open are closed.
  read(source) {
    const tokens = this.#tokensOf(source.slice(this.#known.from))
    if (this.#known.kept && !this.#goesOn(tokens[0])) {
      this.#known = WHOLE
      return this.read(source)
    }
    const { kept, from } = this.#known
    const rest = source.slice(from)
    const whole = closed(rest)
    const shown = whole === rest ? tokens : this.#tokensOf(whole)
    this.#keep(source, tokens)
    return { tokens, shown, kept }
  }

  // --- internal

  #tokensOf(rest) {
    const { type, head, loose } = this.#known
    if (type !== "list" || !loose) return tokensOf(head + rest)
    const [list, ...others] = tokensOf(`${MARKER.exec(rest)[0]} a\n\n${rest}`) // an item before them that makes them loose
    return [{ ...list, items: list.items.slice(1) }, ...others]
  }

  #goesOn(token) {
    return token?.type === this.#known.type && Boolean(token.loose) === this.#known.loose
  }

  #keep(source, tokens) {
    const [token] = tokens
    const settled = tokens.length === 1 ? settledPart[token.type]?.(token, source.slice(this.#known.from)) : null
    if (!(settled?.count > 0)) return
    const { kept, from } = this.#known
    const head = token.type === "table" ? source.split("\n", 2).join("\n") + "\n" : ""
    this.#known = { type: token.type, kept: kept + settled.count, from: from + settled.length, loose: Boolean(token.loose), head }
  }
}

// How many items or rows can no longer change, and how many characters they take.
const settledPart = {
  // As soon as the first line of the one that follows is whole.
  list({ items }, rest) {
    const count = items.length - 1
    const length = items.slice(0, count).reduce((sum, { raw }) => sum + raw.length, 0)
    return rest.includes("\n", length) ? { count, length } : null
  },
  // Each is a line.
  table({ rows }, rest) {
    const count = rows.length - (rest.endsWith("\n") ? 0 : 1)
    return { count, length: rest.lastIndexOf("\n") + 1 }
  },
}
