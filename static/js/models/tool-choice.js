// Which of the server's tools the next answers may use: the session's own choice, else the operator's. What is chosen
// before there is a session goes with its first message, and is kept for it then. Dispatches `changed` and `refused`.

export class ToolChoice extends EventTarget {
  tools = []
  #api
  #session = null
  #names = null // chosen here and not yet told by the server
  #asked = 0

  constructor(api) {
    super()
    this.#api = api
  }

  // Names, or null for what the operator set.
  get names() {
    return this.#names ?? this.#session?.tools ?? null
  }

  get count() {
    return this.tools.filter((tool) => this.isOn(tool)).length
  }

  // What a message has to say of tools: nothing, where the session says it.
  get unsaid() {
    return this.#session ? null : this.#names
  }

  isOn({ name, by_default }) {
    return this.names?.includes(name) ?? by_default
  }

  async load() {
    this.tools = (await this.#api.tools()).results
    this.#changed()
  }

  follow(session) {
    if (session?.id !== this.#session?.id) this.#names = null
    this.#session = session
    this.#changed()
  }

  toggle(name) {
    const on = (tool) => this.isOn(tool) !== (tool.name === name)
    this.#names = this.tools.filter(on).map((tool) => tool.name)
    this.#changed()
    return this.#session && this.keep(this.#session.id, this.#names)
  }

  // What a session was begun with becomes its own. Of several choices in a row the last one counts.
  async keep(id, names) {
    const asked = ++this.#asked
    try {
      const { tools } = await this.#api.updateSession(id, { tools: names })
      if (asked === this.#asked && this.#session?.id === id) this.#settle({ ...this.#session, tools })
    } catch {
      if (asked !== this.#asked) return
      this.#settle(this.#session)
      this.dispatchEvent(new CustomEvent("refused"))
    }
  }

  // --- internal

  #settle(session) {
    this.#session = session
    this.#names = null
    this.#changed()
  }

  #changed() {
    this.dispatchEvent(new CustomEvent("changed"))
  }
}
