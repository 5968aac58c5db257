// Makes the lines of a Socket: WebSockets, or plain HTTP where those do not get through. Beside a line over HTTP
// a WebSocket is tried at once, since the server may only have been away, and then now and then.

import { HttpLine } from "#lib/http-line.js"
import { LineChoice } from "#models/line-choice.js"

const HANDSHAKE = 10_000 // ms
const AGAIN = 60_000 // ms between two tries

export class Lines {
  #choice = new LineChoice()
  #url = ""
  #line = null
  #trial = null
  #timer = null
  #isStopped = false

  make(url) {
    this.#endTrial()
    this.#url = url
    this.#isStopped = false
    this.#line = this.#choice.next() === "http" ? new HttpLine() : this.#webSocket()
    return this.#line
  }

  // `onTried` is called after each WebSocket that was tried beside this line: with true where it got through.
  opened(onTried) {
    this.#choice.opened()
    if (this.#choice.kind === "http") this.#try(onTried)
  }

  closed() {
    this.#endTrial()
    this.#choice.closed()
  }

  // "socket", "http" where WebSockets are stopped, or "pages" where even a stream over HTTP is held back.
  get kind() {
    if (this.#line?.paged) return "pages"
    return this.#isStopped ? "http" : "socket"
  }

  // --- internal

  #webSocket() {
    return new WebSocket(this.#url, ["parley.v1"])
  }

  #try(onTried) {
    this.#trial = this.#webSocket()
    this.#trial.onopen = () => onTried(true)
    this.#trial.onclose = () => this.#fail(onTried)
    this.#timer = setTimeout(() => this.#fail(onTried), HANDSHAKE)
  }

  #fail(onTried) {
    this.#endTrial()
    this.#isStopped = true
    this.#timer = setTimeout(() => this.#try(onTried), AGAIN)
    onTried(false)
  }

  #endTrial() {
    clearTimeout(this.#timer)
    if (!this.#trial) return
    this.#trial.onopen = this.#trial.onclose = null
    this.#trial.close()
    this.#trial = null
  }
}
