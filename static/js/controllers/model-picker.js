// Chooses the model that answers next.

import { setText } from "#controllers/controller.js"
import { MenuController } from "#controllers/menu.js"
import { t } from "#helpers/t.js"

const MANY = 8 // models, from which on a search field helps

export class ModelPickerController extends MenuController {
  connect() {
    super.connect()
    this.search = this.part("picker-search")
    this.listen(this.app.choice, "changed", this.#refresh)
    this.listen(this.app.socket, "open", () => this.app.choice.load().catch(() => {})) // the next reconnect asks again
    this.listen(this.app.page, "models", this.open)
    this.listen(this.search, "input", this.#list)
    this.listen(this.part("picker-list"), "click", ({ target }) => this.#choose(target.closest(".option")))
    this.#refresh()
  }

  open() {
    this.search.value = ""
    this.search.hidden = this.app.choice.models.length < MANY
    this.#list()
    super.open()
    const chosen = this.panel.querySelector("[aria-selected=true]")
    ;(this.search.hidden ? chosen : this.search)?.focus()
  }

  // --- internal

  #refresh() {
    const { current } = this.app.choice
    setText(this.part("picker-provider"), current?.provider_label ?? "")
    setText(this.part("picker-label"), current?.label || current?.id || t("Choose a model"))
    if (!this.panel.hidden && !this.part("picker-list").children.length) this.#list() // opened before they came
  }

  #list() {
    const groups = this.app.choice.matching(this.search.value)
    const options = [...groups].flatMap(([label, models]) => [heading(label), ...models.map((model) => this.#option(model))])
    this.part("picker-list").replaceChildren(...options)
  }

  #option(model) {
    const option = make("button", "option", model.label || model.model)
    option.type = "button"
    option.dataset.model = model.id
    option.setAttribute("role", "option")
    option.setAttribute("aria-selected", model.id === this.app.choice.current?.id)
    if (model.context_length) option.append(make("small", "", t("{count}k context", { count: Math.round(model.context_length / 1000) })))
    return option
  }

  #choose(option) {
    if (option) this.app.choice.choose(option.dataset.model)
  }
}

function heading(text) {
  return make("p", "menu-heading", text)
}

function make(tag, className, text) {
  return Object.assign(document.createElement(tag), { className, textContent: text })
}
