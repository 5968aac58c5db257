// The commands without an answer as this browser keeps them, over closed tabs and restarts: an entry for each, so that
// two tabs that write in the same moment lose nothing.

const KEY = "outbox:"
const TYPES = new Set(["message.send", "message.edit", "message.regenerate"])
const ROOM = 1_000_000 // characters of all; a browser gives a site about five million

export class Unsent {
  #storage

  // `storage` is an OwnStorage.
  constructor(storage) {
    this.#storage = storage
  }

  // { command, at, tried, error }, the oldest first: `at` in ms, `tried` where the server may know it, `error` where it
  // refused it.
  get all() {
    const entries = this.#names.map((name) => this.#storage.json(name)).filter(isEntry)
    return entries.sort((one, other) => one.at - other.at)
  }

  get(id) {
    const entry = this.#storage.json(KEY + id)
    return isEntry(entry) ? entry : null
  }

  // What there is no room for is kept by its tab alone.
  keep({ command, at, tried, error }) {
    const name = KEY + command.client_id
    const text = JSON.stringify({ command, at, tried, error })
    const others = this.#names.filter((other) => other !== name).map((other) => this.#storage.getItem(other).length)
    if (others.reduce((sum, length) => sum + length, text.length) > ROOM) this.#storage.removeItem(name)
    else this.#storage.setItem(name, text)
  }

  forget(id) {
    this.#storage.removeItem(KEY + id)
  }

  // The client_id that an event of the browser's storage is about, or empty.
  idIn(event) {
    const name = this.#storage.nameIn(event)
    return name.startsWith(KEY) ? name.slice(KEY.length) : ""
  }

  get #names() {
    return this.#storage.names.filter((name) => name.startsWith(KEY))
  }
}

function isEntry(entry) {
  return TYPES.has(entry?.command?.type) && Boolean(entry.command.client_id) && Number.isFinite(entry.at)
}
