// The messages of a session as a tree: an edit or a regeneration is a sibling, and a path is what one reads.

export class Tree {
  #messages = new Map()
  #children = new Map()

  constructor(messages = []) {
    this.fill(messages)
  }

  get size() {
    return this.#messages.size
  }

  get(id) {
    return this.#messages.get(id)
  }

  put(message) {
    if (!this.#messages.has(message.id)) this.#adopt(message)
    this.#messages.set(message.id, message)
  }

  // What is there already is newer.
  fill(messages) {
    for (const message of messages) if (!this.#messages.has(message.id)) this.put(message)
  }

  // The message and its siblings, oldest first: ids are time-ordered.
  siblings(message) {
    return this.#childrenOf(message.parent_id).map((id) => this.get(id))
  }

  // The answers that stand side by side below a question: of each place the newest.
  beside(id) {
    const places = new Map()
    for (const child of this.#childrenOf(id).map((one) => this.get(one))) if (child.place != null) places.set(child.place, child)
    return [...places.values()].sort((one, other) => one.place - other.place)
  }

  // From the first message to the one where `leafId` leads.
  path(leafId) {
    const up = []
    for (let at = this.get(this.end(leafId)); at; at = this.get(at.parent_id)) up.push(at)
    return up.reverse()
  }

  // The newest answer below a message; a question whose answers stand side by side is an end itself.
  end(id) {
    return this.beside(id).length ? id : this.newest(id)
  }

  // The end of the newest branch below a message (or of the whole tree).
  newest(id) {
    let at = this.#messages.has(id) ? id : undefined
    for (let child = this.#last(at); child; child = this.#last(at)) at = child
    return at
  }

  #adopt({ id, parent_id }) {
    const siblings = this.#childrenOf(parent_id)
    siblings.push(id)
    siblings.sort()
    this.#children.set(parent_id ?? null, siblings)
  }

  #childrenOf(parentId) {
    return this.#children.get(parentId ?? null) ?? []
  }

  #last(id) {
    return this.#childrenOf(id).at(-1)
  }
}
