// What is remembered of the person who looks: searched, added to, changed, forgotten.

import { setText } from "#controllers/controller.js"
import { MemoryItem } from "#controllers/memory-item.js"
import { Section } from "#controllers/section.js"
import { t } from "#helpers/t.js"

const PAUSE = 200 // ms after a key until it is searched

export class MemoryListController extends Section {
  #next = null
  #asked = 0
  #typing = null

  connect() {
    this.list = this.part("memory-list")
    this.search = this.part("memory-search")
    this.field = this.part("memory-new")
    this.listen(this.search, "input", this.#onSearch)
    this.listen(this.part("memory-add"), "submit", this.add)
    this.listen(this.part("memory-more"), "click", () => this.#load(this.#next))
    this.listen(this.part("memory-forget"), "click", () => this.confirm(this.forget))
    this.#load()
  }

  disconnect() {
    super.disconnect()
    clearTimeout(this.#typing)
  }

  async add(event) {
    event.preventDefault()
    const text = this.field.value.trim()
    if (!text || !(await this.told(this.app.api.addMemory(text), t("Noted")))) return
    this.field.value = ""
    this.search.value = ""
    this.#load()
  }

  async forget() {
    if (await this.told(this.app.api.forgetMemories(), t("Everything was forgotten"))) this.#load()
  }

  // --- internal

  #onSearch() {
    clearTimeout(this.#typing)
    this.#typing = setTimeout(() => this.#load(), PAUSE)
  }

  // Of several questions in a row the last one counts.
  async #load(page) {
    const asked = ++this.#asked
    const found = await this.app.api.memories(page ?? this.search.value.trim()).catch(() => null)
    if (asked !== this.#asked || !found) return
    const items = found.results.map((memory) => new MemoryItem(this, memory).element)
    if (page) this.list.append(...items)
    else this.list.replaceChildren(...items)
    this.#next = found.next
    this.part("memory-more").hidden = !found.next
    this.#count()
  }

  #count() {
    const none = !this.list.children.length
    this.part("memory-none").hidden = !none
    setText(this.part("memory-none"), this.search.value.trim() ? t("Nothing found") : t("Nothing is remembered yet."))
    this.part("memory-forget").hidden = none && !this.search.value.trim()
  }

  removed(item) {
    item.element.remove()
    this.#count()
  }
}
