// Finding a chat by what was said in it: Ctrl+K or the button, words, arrows, Enter.

import { Controller, fromTemplate, setText } from "#controllers/controller.js"
import { dayLabel } from "#helpers/days.js"
import { t } from "#helpers/t.js"
import { Search } from "#models/search.js"

export class SearchController extends Controller {
  #search = new Search(this.app.api)

  connect() {
    this.field = this.part("search-field")
    this.list = this.part("search-list")
    this.listen(this.#search, "changed", this.#draw)
    this.listen(this.field, "input", () => this.#search.look(this.field.value))
    this.listen(this.element, "keydown", this.#onKey)
    this.listen(this.element, "click", this.#onClick)
    this.listen(this.part("search-more"), "click", () => this.#search.more().catch(() => {}))
    this.listen(document.querySelector("[data-search-open]"), "click", this.open)
    this.listen(this.app.page, "search", this.open)
  }

  open() {
    if (!this.element.open) this.element.showModal()
    this.field.select()
  }

  // --- internal

  #onKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const items = [...this.list.querySelectorAll("a")]
    if (step && items.length) {
      event.preventDefault()
      items.at((items.indexOf(document.activeElement) + step) % items.length)?.focus()
    } else if (event.key === "Enter" && event.target === this.field && !event.isComposing) {
      event.preventDefault()
      items[0]?.click()
    }
  }

  #onClick(event) {
    const link = event.target.closest("a")
    if (event.target === this.element) this.element.close()
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    this.element.close()
    this.app.router.go(link.dataset.session)
    if (link.dataset.message) this.app.page.dispatchEvent(new CustomEvent("reveal", { detail: link.dataset }))
  }

  #draw() {
    const { results, state, hasMore } = this.#search
    this.list.replaceChildren(...results.map(item))
    this.part("search-more").hidden = !hasMore
    setText(this.part("search-news"), words[state](results.length))
  }
}

const words = {
  idle: () => "",
  asking: () => "",
  done: (count) => (count ? "" : t("Nothing was found.")),
  failed: () => t("That did not work. Try again."),
}

function item({ session, message_id, role, author, snippet, created_at }) {
  const element = fromTemplate("hit-template")
  const link = element.querySelector("a")
  link.href = `/s/${session.id}`
  Object.assign(link.dataset, { session: session.id, message: message_id ?? "" })
  setText(element.querySelector("[data-hit-title]"), session.title || t("New chat"))
  setText(element.querySelector("[data-hit-time]"), dayLabel(new Date(created_at), new Date()))
  const who = role === "user" ? (author?.name ?? "") : ""
  const text = element.querySelector("[data-hit-text]")
  if (who) text.append(`${who}: `)
  text.append(...snippet.map(piece))
  text.hidden = !message_id
  return element
}

function piece({ text, hit }) {
  const element = document.createElement(hit ? "mark" : "span")
  element.textContent = text
  return element
}
