// One's own prompts on the settings page: saved, changed, deleted.

import { fromTemplate, setText } from "#controllers/controller.js"
import { Section } from "#controllers/section.js"
import { t } from "#helpers/t.js"

export class PromptListController extends Section {
  #changing = "" // id

  connect() {
    this.form = this.part("prompt-form")
    this.listen(this.form, "submit", this.save)
    this.listen(this.form, "reset", () => this.#change(""))
    this.#load()
  }

  async save(event) {
    event.preventDefault()
    const fields = Object.fromEntries(new FormData(this.form))
    if (!(await this.told(this.app.api.prompts(this.#changing ? "PATCH" : "POST", this.#changing, fields), t("Saved.")))) return
    this.form.reset()
    this.#load()
  }

  // --- internal

  async #load() {
    const { results } = await this.app.api.prompts().catch(() => ({ results: [] }))
    this.part("prompt-list").replaceChildren(...results.map((prompt) => this.#item(prompt)))
  }

  #item(prompt) {
    const item = fromTemplate("prompt-template")
    setText(item.querySelector("[data-prompt-command]"), `/${prompt.command}`)
    setText(item.querySelector("[data-prompt-title]"), prompt.title)
    setText(item.querySelector("[data-prompt-text]"), prompt.text)
    this.listen(item.querySelector("[data-prompt-edit]"), "click", () => this.#edit(prompt))
    this.listen(item.querySelector("[data-prompt-delete]"), "click", () => this.#delete(prompt))
    return item
  }

  #edit(prompt) {
    const { command, title, text } = this.form.elements
    command.value = prompt.command
    title.value = prompt.title
    text.value = prompt.text
    this.#change(prompt.id)
    text.focus()
  }

  #change(id) {
    this.#changing = id
    this.part("prompt-cancel").hidden = !id
  }

  async #delete({ id }) {
    if (!(await this.told(this.app.api.prompts("DELETE", id), t("Deleted")))) return
    if (this.#changing === id) this.form.reset()
    this.#load()
  }
}
