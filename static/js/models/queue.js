// What is said while an answer is still being written: it waits in this browser, can be taken back, and is sent when
// the answer has ended. Each has its client_id from the beginning, so that two tabs which send it send one message.
// Dispatches `changed`.

import { newId } from "#helpers/ids.js"

const KEY = "queue:"

export class Queue extends EventTarget {
  #storage

  // `storage` is an OwnStorage.
  constructor(storage) {
    super()
    this.#storage = storage
  }

  // The commands that wait at a place, the first one first. A place is a session's id, or the client_id of the message
  // that is to begin one.
  of(place) {
    const items = this.#storage.json(KEY + place)
    return Array.isArray(items) ? items : []
  }

  // Behind the others; one that was sent too early comes back to its place. `after` is as below.
  add({ parent_id, ...command }, place = command.session_id) {
    const item = { ...command, client_id: command.client_id ?? newId() }
    const others = this.of(place).filter(({ client_id }) => client_id !== item.client_id)
    const isBehind = ({ after }) => after === item.client_id
    const behind = others.filter(isBehind).map((other) => ({ ...other, after: null }))
    this.#set(place, [...others.filter((other) => !isBehind(other)), item, ...behind])
  }

  // Gives the command whose turn it is and forgets it. The others wait for it: another tab sees it later than this one,
  // and would say the next one to the same answer. Their `after` is its client_id, and its message's id once it has one.
  next(place) {
    const [{ after, ...first }, ...others] = this.of(place)
    this.#set(place, others.map((other) => ({ ...other, after: first.client_id })))
    return first
  }

  // What was sent led to this message, or to none (null).
  settle(place, clientId, messageId) {
    const items = this.of(place)
    if (!items.some(({ after }) => after === clientId)) return
    this.#set(place, items.map((item) => (item.after === clientId ? { ...item, after: messageId } : item)))
  }

  // Gives it and forgets it; undefined where another tab did.
  take(place, clientId) {
    const items = this.of(place)
    const taken = items.find(({ client_id }) => client_id === clientId)
    if (taken) this.#set(place, items.filter((item) => item !== taken))
    return taken
  }

  // The session has begun that these wait for, with this message.
  move(clientId, sessionId, messageId) {
    for (const { client_id } of this.of(clientId)) this.add({ ...this.take(clientId, client_id), session_id: sessionId, after: messageId })
  }

  // Another tab changed it.
  reread() {
    this.dispatchEvent(new CustomEvent("changed"))
  }

  #set(place, items) {
    if (items.length) this.#storage.setItem(KEY + place, JSON.stringify(items))
    else this.#storage.removeItem(KEY + place)
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
