// The reader's sessions, newest first, as far back as they were asked for. Dispatches `changed`.

export class SessionList extends EventTarget {
  loaded = false
  #api
  #sessions = new Map()
  #next = null

  constructor(api) {
    super()
    this.#api = api
  }

  get sessions() {
    return [...this.#sessions.values()].sort((a, b) => (a.updated_at < b.updated_at ? 1 : -1))
  }

  get hasMore() {
    return this.#next !== null
  }

  // The newest page, again: another tab or device may have changed it.
  async refresh() {
    const page = await this.#api.sessions()
    const first = !this.loaded
    this.loaded = true
    if (first || !page.next) this.#sessions.clear()
    if (first) this.#next = page.next ?? null
    this.#take(page.results)
  }

  async loadMore() {
    const page = await this.#api.sessions(this.#next)
    this.#next = page.next ?? null
    this.#take(page.results)
  }

  put(session) {
    this.#take([session])
  }

  async rename(id, title) {
    this.put(await this.#api.updateSession(id, { title }))
  }

  async remove(id) {
    await this.#api.deleteSession(id)
    this.#sessions.delete(id)
    this.#changed()
  }

  #take(sessions) {
    for (const session of sessions) this.#sessions.set(session.id, session)
    this.#changed()
  }

  #changed() {
    this.dispatchEvent(new CustomEvent("changed"))
  }
}
