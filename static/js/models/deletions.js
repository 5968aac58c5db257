// A chat that was deleted is gone from the list at once and from the server a little later: until then it can be
// had back. One at a time: the next deletion settles the one before. Dispatches `changed`.

const PATIENCE = 8_000 // ms to change one's mind

export class Deletions extends EventTarget {
  session = null // that can still be had back
  #sessions
  #timer = null

  constructor(sessions) {
    super()
    this.#sessions = sessions
  }

  remove(session) {
    this.settle()
    this.session = session
    this.#sessions.hide(session.id)
    this.#timer = setTimeout(() => this.settle(), PATIENCE)
    this.#changed()
  }

  undo() {
    const { session } = this
    this.#end()
    if (session) this.#sessions.unhide(session.id)
  }

  // Delete what waits for it, now: also as the page goes. What the server refused comes back to the list.
  settle() {
    const { session } = this
    this.#end()
    if (session) this.#sessions.remove(session.id).catch(() => this.#sessions.unhide(session.id))
  }

  #end() {
    clearTimeout(this.#timer)
    this.session = null
    this.#changed()
  }

  #changed() {
    this.dispatchEvent(new CustomEvent("changed"))
  }
}
