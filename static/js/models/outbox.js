// What was sent and is not yet seen in its session. Kept in the tab's storage too, so that a reload between the
// click and the reply sends it again under the same client_id, which the server answers with the same message.

import { newId } from "#helpers/ids.js"

const KEY = "outbox"

export class Outbox extends EventTarget {
  #items = []
  #socket
  #storage

  constructor(socket, storage) {
    super()
    this.#socket = socket
    this.#storage = storage
  }

  // Send what an earlier page of this tab did not see answered.
  resume() {
    for (const command of JSON.parse(this.#storage.getItem(KEY) ?? "[]")) this.#deliver(command)
  }

  // Resolves with the reply. `command` is a message.send, message.edit or message.regenerate. Dispatches `accepted`,
  // `refused`, or `busy` where an answer is still being written: then the message can wait for its end.
  send(command) {
    return this.#deliver({ ...command, client_id: command.client_id ?? newId() })
  }

  // The sent messages that the session does not show yet, as messages.
  waitingIn(session) {
    const waits = ({ command, message, sessionId }) =>
      command.type === "message.send" && sessionId === session?.id && !(message && session?.message(message.id))
    return this.#items.filter(waits).map(({ command }) => asMessage(command))
  }

  // Forget what the session shows by now.
  settle(session) {
    this.#items = this.#items.filter(({ message }) => !(message && session.message(message.id)))
  }

  async #deliver(command) {
    const item = { command, sessionId: command.session_id, message: null }
    this.#items.push(item)
    this.#changed()
    const reply = await this.#socket.ask(command)
    if (reply.ok) Object.assign(item, { message: reply.message, sessionId: reply.session_id, answered: true })
    else this.#items = this.#items.filter((other) => other !== item)
    this.#changed()
    this.dispatchEvent(new CustomEvent(outcomeOf(command, reply), { detail: { command, reply } }))
    return reply
  }

  #changed() {
    const open = this.#items.filter(({ answered }) => !answered).map(({ command }) => command)
    this.#storage.setItem(KEY, JSON.stringify(open))
    this.dispatchEvent(new CustomEvent("changed"))
  }
}

function outcomeOf({ type, session_id }, { ok, error }) {
  if (ok) return "accepted"
  return error.code === "run_active" && type === "message.send" && session_id ? "busy" : "refused"
}

function asMessage({ client_id, text, parts }) {
  return { id: client_id, role: "user", status: "sending", parts: parts ?? [{ type: "text", text }] }
}
