// The session that the page shows, kept in step with the server: subscribes, catches up after a hole or a
// reconnect, and acknowledges what was applied. Dispatches `opened` when another session is shown, `changed`
// when that session's structure did, `message` for one message, `people` for who is there, and `missing` when the server knows no such one.

import { Session } from "#models/session.js"

const ACK_EVERY = 1_000 // ms
const ACK_BYTES = 65_536

export class Conversation extends EventTarget {
  session = null
  #socket
  #received = 0
  #catchingUp = false
  #acknowledging = null
  #begun = null // a snapshot of which more is to come

  constructor(socket) {
    super()
    this.#socket = socket
    socket.addEventListener("open", () => this.#onOpen())
    socket.addEventListener("frame", ({ detail }) => this.#onFrame(detail))
  }

  // Show the session with this id, or none.
  open(id) {
    if (this.session && this.session.id === id) return
    if (this.session) this.#socket.tell({ type: "unsubscribe", session_id: this.session.id })
    this.session = id ? this.#watch(new Session(id)) : null
    this.#catchingUp = false
    this.#dispatch("opened")
    if (id) this.#subscribe()
  }

  // Ask for the end of a run. It goes on, and says so, until the server confirms.
  async stop(run, seen) {
    this.session.onRunUpdated({ run: { ...run, stopping: true } })
    const { session } = this
    const reply = await this.#socket.ask({ type: "run.cancel", run_id: run.id, seen })
    if (reply.ok && reply.run) session.onRunUpdated(reply)
  }

  // --- internal

  #watch(session) {
    session.addEventListener("structure", () => session === this.session && this.#dispatch("changed"))
    session.addEventListener("message", ({ detail }) => session === this.session && this.#dispatch("message", detail))
    return session
  }

  #onOpen() {
    this.#catchingUp = false
    if (this.session) this.#subscribe()
  }

  #onFrame({ frame, bytes }) {
    if (!this.session || frame.session_id !== this.session.id) return
    if (frame.type === "snapshot") this.#onSnapshot(frame)
    else if (frame.type === "presence") this.#onPresence(frame)
    else if (frame.type === "unsubscribed") this.#dispatch("missing", frame.error)
    else if (frame.stream && this.session.apply(frame) === "hole") this.#subscribe()
    this.#count(bytes)
  }

  #onPresence({ people }) {
    this.session.people = people
    this.#dispatch("people")
  }

  // A long session comes in several frames: all but the last say `more`, and their messages add up.
  #onSnapshot({ more, ...frame }) {
    const messages = [...(this.#begun?.messages ?? []), ...frame.messages]
    const whole = { ...frame, ...this.#begun, messages }
    this.#begun = more ? whole : null
    if (!more) this.session.applySnapshot(whole)
  }

  async #subscribe() {
    if (this.#catchingUp || this.#socket.state !== "connected") return
    this.#catchingUp = true
    this.#begun = null
    const { id, position } = this.session
    const command = { type: "subscribe", session_id: id, ...(position && { position }) }
    const reply = await this.#socket.ask(command, { again: false })
    if (this.session?.id !== id) return
    this.#catchingUp = false
    if (!reply.ok && reply.error.code !== "disconnected") this.#dispatch("missing", reply.error)
  }

  #count(bytes) {
    this.#received += bytes
    if (this.#received >= ACK_BYTES) this.#acknowledge()
    else this.#acknowledging ??= setTimeout(() => this.#acknowledge(), ACK_EVERY)
  }

  #acknowledge() {
    clearTimeout(this.#acknowledging)
    this.#acknowledging = null
    this.#received = 0
    const position = this.session?.position?.takeFresh() ?? {}
    if (Object.keys(position).length) this.#socket.tell({ type: "ack", position })
  }

  #dispatch(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }))
  }
}
