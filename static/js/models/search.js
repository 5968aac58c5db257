// What the reader looks for, and what the server found: the answer to the latest words alone is shown. Dispatches
// `changed`.

const PAUSE = 200 // ms without a key before the server is asked

export class Search extends EventTarget {
  results = []
  state = "idle" // then asking, done or failed
  #api
  #words = ""
  #timer = null
  #next = null

  constructor(api) {
    super()
    this.#api = api
  }

  get hasMore() {
    return this.#next !== null
  }

  look(words) {
    this.#words = words.trim()
    clearTimeout(this.#timer)
    if (!this.#words) return this.#show("idle", [])
    this.#timer = setTimeout(() => this.#ask(this.#words), PAUSE)
  }

  async more() {
    const words = this.#words
    const page = await this.#api.search(words, this.#next)
    if (words === this.#words) this.#show("done", [...this.results, ...page.results], page.next)
  }

  // --- internal

  async #ask(words) {
    this.#show("asking", this.results)
    try {
      const { results, next } = await this.#api.search(words)
      if (words === this.#words) this.#show("done", results, next)
    } catch {
      if (words === this.#words) this.#show("failed", [])
    }
  }

  #show(state, results, next = null) {
    Object.assign(this, { state, results })
    this.#next = next
    this.dispatchEvent(new CustomEvent("changed"))
  }
}
