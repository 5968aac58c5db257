// What one person keeps in this browser: a Storage in which every name begins with whose it is, so that nobody else who
// signs in here is shown it. One that is full or forbidden keeps nothing and breaks nothing.

export class OwnStorage {
  #storage
  #prefix

  // `owner` is a person's id.
  constructor(storage, owner) {
    this.#storage = storage
    this.#prefix = `${owner}/`
  }

  getItem(name) {
    return this.#storage.getItem(this.#prefix + name)
  }

  setItem(name, text) {
    try {
      this.#storage.setItem(this.#prefix + name, text)
    } catch {
      this.removeItem(name) // what is there is older than what did not fit
    }
  }

  removeItem(name) {
    this.#storage.removeItem(this.#prefix + name)
  }

  // The value under this name; null where there is none, or something that nobody can read.
  json(name) {
    try {
      return JSON.parse(this.getItem(name))
    } catch {
      return null
    }
  }

  get names() {
    const all = Array.from({ length: this.#storage.length }, (_, at) => this.#storage.key(at))
    return all.filter((key) => key.startsWith(this.#prefix)).map((key) => key.slice(this.#prefix.length))
  }

  // What an event of the browser's storage is about; empty where that is somebody else's.
  nameIn({ key }) {
    return key?.startsWith(this.#prefix) ? key.slice(this.#prefix.length) : ""
  }

  clear() {
    for (const name of this.names) this.removeItem(name)
  }
}
