// The reader's sessions, newest first, as far back as they were asked for. Dispatches `changed`.

const ALL = "/api/sessions/"

export class SessionList extends EventTarget {
  loaded = false
  hasArchived = false
  archived = false // whether those are shown that were put away, or the others
  #api
  #tabs
  #sessions = new Map()
  #next = null
  #asking = null // for the next page
  #hidden = new Set() // ids of those that are about to be deleted

  // `tabs` is a BroadcastChannel or the like: what is done here is told to the reader's other tabs.
  constructor(api, tabs) {
    super()
    this.#api = api
    this.#tabs = tabs
    tabs.addEventListener("message", ({ data }) => (data.gone ? this.forget(data.gone) : this.put(data.session)))
  }

  get sessions() {
    const shown = [...this.#sessions.values()].filter(({ id, archived }) => archived === this.archived && !this.#hidden.has(id))
    return shown.sort((a, b) => (a.updated_at < b.updated_at ? 1 : -1))
  }

  get folders() {
    return [...new Set([...this.#sessions.values()].map(({ folder }) => folder).filter(Boolean))].sort((a, b) => a.localeCompare(b))
  }

  get hasMore() {
    return this.#next !== null
  }

  // The newest page, again: another tab or device may have changed it.
  async refresh() {
    const { archived } = this
    const place = `${ALL}?archived=${archived}`
    const pages = [place, `${place}&pinned=true`, `${place}&filed=true`, `${ALL}?archived=true&page_size=1`]
    const [page, pinned, filed, away] = await Promise.all(pages.map((address) => this.#api.sessions(address)))
    if (archived !== this.archived) return
    const first = !this.loaded
    this.hasArchived = away.results.length > 0
    this.loaded = true
    if (first || !page.next) this.#sessions.clear()
    if (first) this.#next = page.next ?? null
    this.#take([...page.results, ...pinned.results, ...filed.results])
  }

  // Those that were put away instead of the others, or the other way round.
  show(archived) {
    Object.assign(this, { archived, loaded: false })
    return this.refresh()
  }

  // The next page; asked for once, however often.
  loadMore() {
    this.#asking ??= this.#older().finally(() => (this.#asking = null))
    return this.#asking
  }

  put(session) {
    if (this.#sessions.get(session.id) !== session) this.#take([session])
  }

  async rename(id, title) {
    this.#tell(await this.#api.updateSession(id, { title }))
  }

  async mark(id, marks) {
    this.#tell(await this.#api.updateSession(id, marks))
  }

  async remove(id) {
    await this.#api.deleteSession(id)
    this.forget(id)
    this.#tabs.postMessage({ gone: id })
  }

  hide(id) {
    this.#hidden.add(id)
    this.#changed()
  }

  unhide(id) {
    this.#hidden.delete(id)
    this.#changed()
  }

  forget(id) {
    this.#sessions.delete(id)
    this.#changed()
  }

  async #older() {
    const { archived } = this
    const page = await this.#api.sessions(this.#next)
    if (archived !== this.archived) return
    this.#next = page.next ?? null
    this.#take(page.results)
  }

  #tell(session) {
    this.put(session)
    this.#tabs.postMessage({ session })
  }

  #take(sessions) {
    for (const session of sessions) this.#sessions.set(session.id, session)
    this.hasArchived ||= sessions.some(({ archived }) => archived)
    this.#changed()
  }

  #changed() {
    this.dispatchEvent(new CustomEvent("changed"))
  }
}
