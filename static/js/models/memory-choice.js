// Whether what is remembered of a person may be used in this chat. What is chosen before there is a session goes with
// its first message. Dispatches `changed` and `refused`.

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

  follow(session) {
    if (session?.id !== this.#session?.id) this.#on = null
    this.#session = session
    this.#changed()
  }

  async toggle() {
    const wanted = !this.isOn
    this.#on = wanted
    this.#changed()
    const { id } = this.#session ?? {}
    if (!id) return
    try {
      await this.#api.updateSession(id, { memory: wanted })
      if (this.#session?.id === id) this.#session = { ...this.#session, memory: wanted }
    } catch {
      this.dispatchEvent(new CustomEvent("refused"))
    }
    if (this.#session?.id === id) this.#on = null
    this.#changed()
  }

  // --- internal

  #changed() {
    this.dispatchEvent(new CustomEvent("changed"))
  }
}
