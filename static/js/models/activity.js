// Which sessions are being answered now, wherever they were asked from, and which were answered since the reader
// last looked at them. Asks the server while the page is looked at, and at once when this or another tab of the
// browser says that something began or ended. Dispatches `changed`.

const BUSY = 3_000 // ms between two questions while something runs
const IDLE = 15_000 // ms otherwise
const SOON = 300 // ms: what began is in the database by then

export class Activity extends EventTarget {
  #api
  #tabs
  #running = new Set()
  #fresh = new Set()
  #current = ""
  #timer = null
  #awake = false

  // `tabs` is a BroadcastChannel or the like.
  constructor(api, tabs) {
    super()
    this.#api = api
    this.#tabs = tabs
    tabs.addEventListener("message", () => this.#soon(SOON))
  }

  isRunning(id) {
    return this.#running.has(id)
  }

  isFresh(id) {
    return this.#fresh.has(id)
  }

  // The session that the reader looks at is never news.
  look(id) {
    this.#current = id
    if (this.#fresh.delete(id)) this.#changed()
  }

  wake() {
    this.#awake = true
    this.#soon(0)
  }

  sleep() {
    this.#awake = false
    clearTimeout(this.#timer)
  }

  // Something began or ended here.
  poke() {
    this.#tabs.postMessage("activity")
    this.#soon(SOON)
  }

  // --- internal

  #soon(delay) {
    clearTimeout(this.#timer)
    if (this.#awake) this.#timer = setTimeout(() => this.#ask(), delay)
  }

  async #ask() {
    const page = await this.#api.sessions("/api/sessions/?running=true").catch(() => null)
    if (page) this.#take(page.results)
    this.#soon(this.#running.size ? BUSY : IDLE)
  }

  #take(sessions) {
    const running = new Set(sessions.map(({ id }) => id))
    const ended = [...this.#running].filter((id) => !running.has(id))
    const unchanged = !ended.length && running.size === this.#running.size
    this.#running = running
    for (const id of ended) if (id !== this.#current) this.#fresh.add(id)
    if (!unchanged) this.dispatchEvent(new CustomEvent("changed", { detail: sessions }))
  }

  #changed() {
    this.dispatchEvent(new CustomEvent("changed", { detail: [] }))
  }
}
