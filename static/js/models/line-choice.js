// Which kind of line to try next. A WebSocket that closes twice before it opened is taken for one that something
// on the way stops, or for a server that is away; then plain HTTP is tried, and after that a WebSocket again.

const ENOUGH = 2 // failures in a row

export class LineChoice {
  kind = "socket"
  #failures = 0
  #opened = false

  next() {
    this.#opened = false
    this.kind = this.#failures < ENOUGH ? "socket" : "http"
    return this.kind
  }

  opened() {
    this.#opened = true
  }

  closed() {
    if (this.kind === "http") this.#failures = ENOUGH - 1
    else this.#failures = this.#opened ? 0 : this.#failures + 1
  }
}
