// Whether what is remembered of a person may be used in this chat, and how much of its history is sent. Memory that is
// switched off before there is a session goes with the first message. Dispatches `changed` and `refused`.

export class MemoryChoice extends EventTarget {
  #api
  #session = null
  #on = null // chosen here and not yet told by the server

  constructor(api) {
    super()
    this.#api = api
  }

  get isOn() {
    return this.#on ?? this.#session?.memory ?? true
  }

  // What a first message has to say of it: nothing, where it is as usual.
  get unsaid() {
    return this.#session || this.#on !== false ? null : false
  }

  // Tokens that a request holds at most; null for as many as the model reads, undefined without a session.
  get historyTokens() {
    return this.#session ? (this.#session.history_tokens ?? null) : undefined
  }

  follow(session) {
    if (session?.id !== this.#session?.id) this.#on = null
    this.#session = session
    this.#changed()
  }

  async toggle() {
    const wanted = !this.isOn
    this.#on = wanted
    this.#changed()
    if (!this.#session) return
    await this.#keep({ memory: wanted })
    this.#on = null
    this.#changed()
  }

  async limitHistory(tokens) {
    await this.#keep({ history_tokens: tokens })
    this.#changed()
  }

  // --- internal

  async #keep(changes) {
    const { id } = this.#session
    try {
      await this.#api.updateSession(id, changes)
      if (this.#session?.id === id) this.#session = { ...this.#session, ...changes }
    } catch {
      this.dispatchEvent(new CustomEvent("refused"))
    }
  }

  #changed() {
    this.dispatchEvent(new CustomEvent("changed"))
  }
}
