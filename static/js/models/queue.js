// What is said while an answer is still being written: it waits in this browser, can be taken back, and is sent when
// the answer has ended. Each has its client_id from the beginning, so that two tabs which send it send one message.
// Dispatches `changed`.

import { newId } from "#helpers/ids.js"

const KEY = "queue:"

export class Queue extends EventTarget {
  #storage

  constructor(storage) {
    super()
    this.#storage = storage
  }

  // The commands that wait for a session, the first one first.
  of(sessionId) {
    return JSON.parse(this.#storage.getItem(KEY + sessionId) ?? "[]")
  }

  add({ parent_id, ...command }) {
    const item = { ...command, client_id: command.client_id ?? newId() }
    const others = this.of(item.session_id).filter(({ client_id }) => client_id !== item.client_id)
    this.#set(item.session_id, [...others, item])
  }

  // Gives it and forgets it; undefined where another tab did.
  take(sessionId, clientId) {
    const items = this.of(sessionId)
    const taken = items.find(({ client_id }) => client_id === clientId)
    if (taken) this.#set(sessionId, items.filter((item) => item !== taken))
    return taken
  }

  // Another tab changed it.
  reread() {
    this.dispatchEvent(new CustomEvent("changed"))
  }

  #set(sessionId, items) {
    if (items.length) this.#storage.setItem(KEY + sessionId, JSON.stringify(items))
    else this.#storage.removeItem(KEY + sessionId)
    this.reread()
  }
}

// Whether something may be said now: nothing is being written, and what was said last has its answer.
export function isFree(session) {
  if (!session) return true
  const { end } = session
  return session.ready && !session.activeRuns.length && (!end || end.role === "assistant")
}

// Whoever wrote what waits has to look first: one of several answers is to be kept ("choice"), or the last one did not
// end well ("failure"). Empty otherwise.
export function heldBy(session) {
  if (!session || !isFree(session)) return ""
  if (session.beside.length) return "choice"
  return session.end?.status === "complete" ? "" : "failure"
}
