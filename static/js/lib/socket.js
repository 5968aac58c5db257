// The one line to the server. It keeps itself alive: reconnects with back-off, notices a dead line, and sends
// unanswered commands again after a reconnect (their client_id makes that harmless). It knows no session.
// Dispatches `open`, `frame` (detail: the object; its size in `bytes`) and `state` (detail: the state's name).

import { backoff } from "#helpers/backoff.js"
import { Lines } from "#lib/lines.js"

const QUIET = 15_000 // ms without a frame until we ask
const DEAD = 30_000 // ms without a frame until the line counts as dead
const PROBE = 2_000 // ms for an answer after the machine woke up
const CONNECT = 10_000 // ms for a handshake
const FINAL = new Set([1009, 4400, 4401, 4403, 4413, 4429])

export class Socket extends EventTarget {
  state = "connecting" // then connected, reconnecting or closed
  closeCode = null
  #url
  #lines
  #line = null
  #tries = 0
  #pending = new Map() // id → {command, resolve}
  #count = 0
  #timers = {}

  constructor(url, lines = new Lines()) {
    super()
    this.#url = url
    this.#lines = lines
  }

  // How the line gets through: see Lines.
  get kind() {
    return this.#lines.kind
  }

  connect() {
    this.#drop()
    const line = this.#lines.make(this.#url)
    this.#line = line
    line.onopen = () => this.#onOpen(line)
    line.onmessage = ({ data }) => this.#onMessage(line, data)
    line.onclose = ({ code }) => this.#onClose(line, code)
    this.#timer("watch", () => this.#onClose(line, 1006), CONNECT)
  }

  disconnect() {
    this.#become("closed")
    this.#drop()
  }

  // Resolves with the reply, whenever it comes. `again` commands outlive a reconnect; others fail with it.
  ask(command, { again = true } = {}) {
    const id = `c${++this.#count}`
    const promise = new Promise((resolve) => this.#pending.set(id, { command: { ...command, id }, again, resolve }))
    this.tell({ ...command, id })
    return promise
  }

  tell(command) {
    if (this.state === "connected") this.#line.send(JSON.stringify(command))
  }

  // The network is back, or the page is looked at again: try now, and doubt a line that looks open.
  wake() {
    if (this.state === "connected") this.#probe(PROBE)
    else if (this.state === "reconnecting") this.connect()
  }

  // --- internal

  #onOpen(line) {
    if (line !== this.#line) return
    this.#tries = 0
    this.#lines.opened((isThrough) => this.#onTried(line, isThrough))
    this.#become("connected")
    this.#listen()
    const unanswered = [...this.#pending.values()]
    this.dispatchEvent(new CustomEvent("open")) // whoever listens subscribes first
    for (const { command } of unanswered) this.tell(command)
  }

  // A WebSocket beside a line over HTTP.
  #onTried(line, isThrough) {
    if (line !== this.#line) return
    if (isThrough) this.#onClose(line, 1006)
    else this.dispatchEvent(new CustomEvent("state", { detail: this.state })) // of another kind
  }

  #onMessage(line, data) {
    if (line !== this.#line) return
    this.#listen()
    const frame = JSON.parse(data)
    if (frame.type === "reply") this.#settle(frame)
    else if (frame.type !== "pong") this.dispatchEvent(new CustomEvent("frame", { detail: { frame, bytes: data.length } }))
  }

  #onClose(line, code) {
    if (line !== this.#line || this.state === "closed") return
    this.#drop()
    this.#lines.closed()
    this.closeCode = code
    this.#failFleeting()
    if (FINAL.has(code)) return this.#become("closed")
    this.#become("reconnecting")
    this.#timer("retry", () => this.connect(), backoff(this.#tries++))
  }

  #settle(frame) {
    const waiting = this.#pending.get(frame.id)
    this.#pending.delete(frame.id)
    waiting?.resolve(frame)
  }

  #failFleeting() {
    for (const [id, { again, resolve }] of this.#pending) {
      if (again) continue
      this.#pending.delete(id)
      resolve({ ok: false, error: { code: "disconnected", message: "" } })
    }
  }

  #listen() {
    this.#timer("watch", () => this.#probe(DEAD - QUIET), QUIET)
  }

  #probe(patience) {
    const line = this.#line
    this.tell({ type: "ping" })
    this.#timer("watch", () => this.#onClose(line, 1006), patience) // any frame sets the watch anew
  }

  #drop() {
    Object.values(this.#timers).forEach(clearTimeout)
    const line = this.#line
    this.#line = null
    line?.close()
  }

  #timer(name, action, delay) {
    clearTimeout(this.#timers[name])
    this.#timers[name] = setTimeout(action, delay)
  }

  #become(state) {
    if (state === this.state) return
    this.state = state
    this.dispatchEvent(new CustomEvent("state", { detail: state }))
  }
}
