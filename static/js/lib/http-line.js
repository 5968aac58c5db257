// A line to the server without a WebSocket, for networks that stop those: commands go by POST, frames come as a
// response that never ends or, where something holds that back, in pages. To its Socket it looks like a WebSocket.

import { writing } from "#lib/api.js"
import { accepted, HeldBack, paged, Refused, streamed } from "#lib/feed.js"

const LOST = 1006
const ENDED = 1012 // by the server, which goes or has signed us out: the next line finds out
const SIGNED_OUT = 4401
let held = false // what a proxy did once it does again

export class HttpLine {
  onopen = null
  onmessage = null
  onclose = null
  #fetch
  #feeds = new Map() // session id → AbortController
  #closed = false

  constructor(fetch = (...given) => globalThis.fetch(...given)) {
    this.#fetch = fetch
    this.#open()
  }

  get paged() {
    return held
  }

  send(text) {
    const command = JSON.parse(text)
    if (command.type === "subscribe") this.#subscribe(command)
    else if (command.type === "unsubscribe") this.#unsubscribe(command.session_id)
    else if (command.type !== "ack") this.#post(command) // the transport itself waits for a slow reader
  }

  close() {
    this.#closed = true
    for (const feed of this.#feeds.values()) feed.abort()
    this.#feeds.clear()
  }

  // --- internal

  async #open() {
    const answer = await this.#ask({ type: "ping" })
    if (answer && !this.#closed) this.onopen()
  }

  async #post(command) {
    const answer = await this.#ask(command)
    if (answer) this.#receive(JSON.stringify(answer))
  }

  // The reply, also where the command is refused; nothing where the line is lost by it.
  async #ask(command) {
    const body = JSON.stringify(command)
    try {
      const answer = await accepted(this.#fetch("/api/commands/", { method: "POST", headers: writing(), body }))
      return await answer.json()
    } catch (error) {
      if (isFinal(error)) return { type: "reply", id: command.id, ok: false, error: error.error }
      this.#lose(error)
      return null
    }
  }

  async #subscribe({ id, session_id, position }) {
    this.#unsubscribe(session_id)
    const feed = new AbortController()
    this.#feeds.set(session_id, feed)
    let answered = false
    const onBegun = () => {
      if (!answered) this.#receive(JSON.stringify({ type: "reply", id, ok: true }))
      answered = true
    }
    try {
      await this.#read(session_id, position, { fetch: this.#fetch, signal: feed.signal, onBegun })
      this.#end(ENDED)
    } catch (error) {
      if (feed.signal.aborted) return
      if (isFinal(error)) this.#receive(JSON.stringify({ type: "reply", id, ok: false, error: error.error }))
      else this.#lose(error)
    }
  }

  async #read(sessionId, position, options) {
    const address = `/api/sessions/${sessionId}/feed/`
    const query = position ? `?position=${encodeURIComponent(JSON.stringify(position))}` : "?newest_first=true"
    const frames = held ? paged(address, position, options) : streamed(address + query, options)
    for await (const frame of frames) if (!options.signal.aborted) this.#receive(frame)
  }

  #unsubscribe(sessionId) {
    this.#feeds.get(sessionId)?.abort()
    this.#feeds.delete(sessionId)
  }

  #receive(data) {
    if (!this.#closed) this.onmessage({ data })
  }

  #lose(error) {
    held ||= error instanceof HeldBack
    this.#end(error.status === 401 ? SIGNED_OUT : LOST)
  }

  #end(code) {
    if (this.#closed) return
    this.close()
    this.onclose({ code })
  }
}

function isFinal(error) {
  return error instanceof Refused && error.status !== 401 && error.status < 500
}
