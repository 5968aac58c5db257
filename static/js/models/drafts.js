// What is written and not sent. That of a session outlives its tab and is the same in every tab of the browser; a chat
// that has not begun is its tab's own.

const KEY = "draft:"

export class Drafts {
  #tab
  #browser

  // `tab` and `browser` are OwnStorages.
  constructor(tab, browser) {
    this.#tab = tab
    this.#browser = browser
  }

  // `id` is a session's, or empty.
  of(id) {
    return this.#storage(id).getItem(KEY + id) ?? ""
  }

  keep(id, text) {
    if (text) this.#storage(id).setItem(KEY + id, text)
    else this.#storage(id).removeItem(KEY + id)
  }

  // Whether an event of the browser's storage is about it.
  isAbout(id, event) {
    return Boolean(id) && this.#browser.nameIn(event) === KEY + id
  }

  #storage(id) {
    return id ? this.#browser : this.#tab
  }
}
