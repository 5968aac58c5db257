// Makes the lines of a Socket: WebSockets, or plain HTTP where those do not get through.

import { HttpLine } from "#lib/http-line.js"
import { LineChoice } from "#models/line-choice.js"

export class Lines {
  #choice = new LineChoice()
  #line = null

  make(url) {
    this.#line = this.#choice.next() === "http" ? new HttpLine() : new WebSocket(url, ["parley.v1"])
    return this.#line
  }

  opened() {
    this.#choice.opened()
  }

  closed() {
    this.#choice.closed()
  }

  // "socket", "http", or "pages" where even a stream over HTTP is held back.
  get kind() {
    return this.#line?.paged ? "pages" : this.#choice.kind
  }
}
