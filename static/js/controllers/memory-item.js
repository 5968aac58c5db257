// One fact: its words, when and where it was said, changed in place.

import { fromTemplate, setText } from "#controllers/controller.js"
import { language, t } from "#helpers/t.js"

export class MemoryItem {
  constructor(list, memory) {
    this.list = list
    this.element = fromTemplate("memory-template")
    this.#onClick("memory-edit", () => this.#edit())
    this.#onClick("memory-delete", () => this.#remove())
    this.#onClick("memory-cancel", () => this.#show(this.memory))
    this.form = this.element.querySelector("form")
    this.form.addEventListener("submit", (event) => this.#save(event))
    this.#show(memory)
  }

  // --- internal

  get #field() {
    return this.form.querySelector("textarea")
  }

  #onClick(name, action) {
    this.element.querySelector(`[data-${name}]`).addEventListener("click", action)
  }

  #show(memory) {
    this.memory = memory
    this.element.classList.remove("editing")
    this.form.hidden = true
    setText(this.element.querySelector("[data-memory-text]"), memory.text)
    setText(this.element.querySelector("time"), new Date(memory.updated_at).toLocaleDateString(language(), { dateStyle: "medium" }))
    this.element.querySelector("time").dateTime = memory.updated_at
    const source = this.element.querySelector("[data-memory-source]")
    source.hidden = !memory.session_id
    if (memory.session_id) source.href = `/s/${memory.session_id}`
    setText(this.element.querySelector("[data-memory-edited]"), memory.edited ? t("in your words") : "")
  }

  #edit() {
    this.element.classList.add("editing")
    this.form.hidden = false
    this.#field.value = this.memory.text
    this.#field.focus()
  }

  async #save(event) {
    event.preventDefault()
    const memory = await this.list.told(this.list.app.api.updateMemory(this.memory.id, this.#field.value.trim()), t("Changed"))
    if (memory) this.#show(memory)
  }

  async #remove() {
    if (await this.list.told(this.list.app.api.deleteMemory(this.memory.id), t("Forgotten"))) this.list.removed(this)
  }
}
