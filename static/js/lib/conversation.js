// The session that the page shows, kept in step with the server: subscribes, catches up after a hole or a
// reconnect, and acknowledges what was applied. Dispatches `opened` when another session is shown, `changed`
// when that session's structure did, `message` for one message, `people` for who is there, `catching` when catching up
// begins or ends, and `missing` when the server knows no such one.

import { Session } from "#models/session.js"

const ACK_EVERY = 1_000 // ms
const ACK_BYTES = 65_536

export class Conversation extends EventTarget {
  session = null
  catchingUp = false
  #socket
  #received = 0
  #acknowledging = null
  #begun = null // a snapshot of which more is to come, and nothing is shown yet
  #filling = false // more is to come of the one that is shown

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
    this.#catch(false)
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
    this.#catch(false)
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

  // A long session comes in several frames: all but the last say `more`, and their messages add up. One that was
  // not shown yet is shown as soon as its end is there.
  #onSnapshot({ more = false, ...frame }) {
    if (this.#filling) this.session.addOlder(frame.messages, !more)
    else this.#gather(frame, more)
    this.#filling &&= more
  }

  #gather(frame, more) {
    const messages = [...(this.#begun?.messages ?? []), ...frame.messages]
    const whole = { ...frame, ...this.#begun, messages }
    this.#filling = more && !this.session.ready && hasEnd(whole)
    this.#begun = more && !this.#filling ? whole : null
    if (!this.#begun) this.session.applySnapshot(whole, !more)
  }

  async #subscribe() {
    if (this.catchingUp || this.#socket.state !== "connected") return
    this.#catch(true)
    this.#begun = null
    this.#filling = false
    const { id, position, complete } = this.session
    const command = { type: "subscribe", session_id: id, newest_first: true, ...(complete && { position }) }
    const reply = await this.#socket.ask(command, { again: false })
    if (this.session?.id !== id) return
    this.#catch(false)
    if (!reply.ok && reply.error.code !== "disconnected") this.#dispatch("missing", reply.error)
  }

  #catch(on) {
    this.catchingUp = on
    this.#dispatch("catching")
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

// Whether what one reads last is among these messages. Those after it are, too, where the newest came first.
function hasEnd({ newest_first, session, messages }) {
  return Boolean(newest_first) && messages.some(({ id }) => id === session.leaf_id)
}
