// The keys that do something anywhere, and the list of them that `?` opens. A shortcut presses what the page
// already has for it, so that both do the same.

import { Controller, setText } from "#controllers/controller.js"
import { t } from "#helpers/t.js"
import { SHORTCUTS, keysOf, shortcutOf } from "#models/shortcuts.js"

const FIELDS = "input, textarea, select, [contenteditable]"
const IS_MAC = /Mac|iPhone|iPad/.test(navigator.platform)

export class ShortcutsController extends Controller {
  connect() {
    this.part("shortcuts-list").replaceChildren(...SHORTCUTS.map(row))
    this.listen(document, "keydown", this.#onKey)
    this.listen(this.element, "click", ({ target }) => target === this.element && this.element.close())
    this.listen(this.part("shortcuts-close"), "click", () => this.element.close())
    this.listen(this.part("shortcuts-open"), "click", this.open)
  }

  open() {
    if (!document.querySelector("dialog[open]")) this.element.showModal()
  }

  // --- internal

  #onKey(event) {
    const name = shortcutOf(event, Boolean(event.target.closest?.(FIELDS)))
    if (!name || (document.querySelector("dialog[open]") && name !== "search")) return
    event.preventDefault()
    this.#doing[name]()
  }

  #doing = {
    search: () => this.app.page.dispatchEvent(new CustomEvent("search")),
    new: () => this.app.router.go(""),
    sidebar: () => press(document.body.classList.contains("sidebar-open") ? "[data-drawer-close]" : "[data-drawer-open]"),
    write: () => document.querySelector("[data-composer-input]").focus(),
    copy: () => press("[data-message-copy]", '.message[data-role="assistant"] '),
    stop: () => press("[data-composer-stop]:not([hidden])"),
    help: () => this.open(),
  }
}

function press(button, within = "") {
  ;[...document.querySelectorAll(within + button)].at(-1)?.click()
}

function row(shortcut) {
  const item = document.createElement("li")
  const label = document.createElement("span")
  const keys = document.createElement("span")
  setText(label, words[shortcut.name]())
  keys.append(...keysOf(shortcut, IS_MAC).map(key))
  item.append(label, keys)
  return item
}

function key(name) {
  return Object.assign(document.createElement("kbd"), { textContent: name })
}

const words = {
  search: () => t("Search chats"),
  new: () => t("New chat"),
  sidebar: () => t("Show or hide the sidebar"),
  write: () => t("Go to the message box"),
  copy: () => t("Copy the last answer"),
  stop: () => t("Stop the answer"),
  help: () => t("This list"),
}
