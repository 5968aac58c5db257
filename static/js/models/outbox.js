// What was sent and is not yet seen in its session. It goes when the line is there, and again after one that broke: under
// the same client_id, which the server answers with the same message. Until it is answered the browser keeps it, and
// any tab sends it. What is refused stays until somebody tries again or gives up.
// Dispatches `changed`; `sent` when something was said here; `accepted`, `refused`, or `busy` where an answer is still
// being written: then the message can wait for its end.

import { newId } from "#helpers/ids.js"
import { Outgoing } from "#models/outgoing.js"

const PATIENCE = 20_000 // ms that another tab has for what it wrote itself: longer than its line takes to come back
const LARGEST = 1_048_576 // bytes of a frame, above which the server hangs up: MAX_FRAME of chat/commands.py
const TOO_LARGE = { code: "too_large", message: "This is larger than the server takes." }

export class Outbox extends EventTarget {
  #items = []
  #socket
  #unsent

  // `unsent` is an Unsent.
  constructor(socket, unsent) {
    super()
    this.#socket = socket
    this.#unsent = unsent
    socket.addEventListener("open", () => this.#deliverAll())
  }

  // Go on with what earlier pages of this browser did not see answered.
  resume() {
    this.#items.push(...this.#unsent.all.map((entry) => new Outgoing(entry)))
    this.#deliverAll()
  }

  // `command` is a message.send, message.edit or message.regenerate.
  send(command) {
    const item = new Outgoing({ command: { ...command, client_id: command.client_id ?? newId() }, at: this.#now })
    this.#items.push(item)
    this.#go(item)
    this.#dispatch("sent")
  }

  // What was refused, below the message `parent` and by `model` where it was asked of one.
  retry(id, { parent, model }) {
    const item = this.#find(id)
    if (item?.status !== "refused") return
    const { command } = item
    const changed = { ...command, ...(parent && { parent_id: parent }), ...(command.model && model && { model }) }
    item.become({ ...item, command: changed, error: undefined })
    this.#go(item)
  }

  discard(id) {
    const item = this.#find(id)
    if (item) this.#drop(item)
  }

  // Another tab wrote something, was answered, or gave up.
  reread(event) {
    const id = this.#unsent.idIn(event)
    if (!id) return
    const [entry, item] = [this.#unsent.get(id), this.#find(id)]
    if (!item && entry) this.#adopt(entry)
    if (item?.isIdle && entry) item.become(entry)
    if (item?.isIdle && !entry) this.#items = this.#items.filter((other) => other !== item)
    this.#dispatch("changed")
  }

  // The sent messages that the session does not show yet, as messages.
  waitingIn(session) {
    return this.#seenIn(session).map(({ asMessage }) => asMessage)
  }

  // The client_id of the last message that is on its way there, its id once it has one, or empty.
  pendingIn(session) {
    const last = this.#seenIn(session).findLast(({ status }) => status !== "refused")
    return last?.message?.id ?? last?.id ?? ""
  }

  hasRefusedIn(session) {
    return this.#seenIn(session).some(({ status }) => status === "refused")
  }

  // Forget what the session shows by now.
  settle(session) {
    this.#items = this.#items.filter(({ message }) => !(message && session.message(message.id)))
  }

  // --- internal

  // Two in one millisecond keep their order.
  get #now() {
    return Math.max(Date.now(), 1 + (this.#items.at(-1)?.at ?? 0))
  }

  get #isConnected() {
    return this.#socket.state === "connected"
  }

  #find(id) {
    return this.#items.find((item) => item.id === id)
  }

  #seenIn(session) {
    return this.#items.filter((item) => item.isSeenIn(session, this.#isConnected))
  }

  #adopt(entry) {
    const item = new Outgoing(entry, true)
    this.#items.push(item)
    this.#deliverLater(item)
  }

  #go(item) {
    this.#unsent.keep(item)
    this.#deliver(item)
    this.#dispatch("changed")
  }

  #deliverAll() {
    for (const item of this.#items) item.isOthers ? this.#deliverLater(item) : this.#deliver(item)
    this.#dispatch("changed")
  }

  // Where the tab that wrote it has gone meanwhile.
  #deliverLater(item) {
    setTimeout(() => this.#items.includes(item) && this.#deliver(item), PATIENCE)
  }

  async #deliver(item) {
    if (item.status !== "waiting" || !this.#isConnected) return
    if (sizeOf(item.command) > LARGEST) return this.#refuse(item, TOO_LARGE)
    Object.assign(item, { status: "sending", tried: true })
    this.#unsent.keep(item)
    const reply = await this.#socket.ask(item.command, { again: false })
    if (reply.ok) this.#accept(item, reply)
    else if (reply.error.code !== "disconnected") this.#refuse(item, reply.error)
    else item.status = "waiting"
    this.#dispatch("changed")
  }

  #accept(item, reply) {
    Object.assign(item, { status: "sent", message: reply.message, sessionId: reply.session_id })
    this.#unsent.forget(item.id)
    this.#dispatch("changed")
    this.#dispatch("accepted", { command: item.command, reply, isOthers: item.isOthers })
  }

  #refuse(item, error) {
    const { command } = item
    const isBusy = error.code === "run_active" && command.type === "message.send" && Boolean(command.session_id)
    if (isBusy || command.type !== "message.send") this.#drop(item)
    else this.#unsent.keep(Object.assign(item, { status: "refused", error }))
    this.#dispatch(isBusy ? "busy" : "refused", { command, error })
  }

  #drop(item) {
    this.#items = this.#items.filter((other) => other !== item)
    this.#unsent.forget(item.id)
    this.#dispatch("changed")
  }

  #dispatch(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }))
  }
}

function sizeOf(command) {
  return new TextEncoder().encode(JSON.stringify(command)).length + 64 // the number that the socket gives it
}
