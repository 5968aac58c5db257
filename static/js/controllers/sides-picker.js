// The panel beside the message field that says who answers side by side.

import { fromTemplate, setText } from "#controllers/controller.js"
import { MenuController } from "#controllers/menu.js"
import { t } from "#helpers/t.js"

export class SidesPickerController extends MenuController {
  #shown = ""

  connect() {
    super.connect()
    const { sides, choice, page } = this.app
    this.list = this.part("sides-list")
    this.listen(sides, "changed", this.#refresh)
    this.listen(choice, "changed", this.#refresh)
    this.listen(page, "compare", this.#begin)
    this.listen(this.part("sides-add"), "click", this.#add)
    this.listen(this.part("sides-clear"), "click", this.#clear)
    this.listen(this.list, "click", ({ target }) => this.#remove(target.closest("[data-side-remove]")))
    this.listen(this.list, "change", ({ target }) => this.#change(target))
    this.#refresh()
    if (location.pathname === "/compare") this.#begin()
  }

  open() {
    if (!this.app.sides.targets.length) this.#add()
    super.open()
    this.list.querySelector("select")?.focus()
  }

  // --- internal

  // Once it is known who there is.
  #begin() {
    if (this.app.choice.models.length) this.open()
    else this.app.choice.addEventListener("changed", () => this.#begin(), { once: true })
  }

  // Another model than those that are there, as long as there is one.
  #add() {
    const { sides, choice } = this.app
    const first = choice.current?.id
    if (!first) return
    const taken = [first, ...sides.targets.map(({ model }) => model)]
    const other = choice.models.find(({ id }) => !taken.includes(id))
    sides.add(other?.id ?? first, first)
  }

  #clear() {
    this.app.sides.clear()
    this.close()
    this.button.focus()
  }

  #remove(button) {
    if (!button) return
    this.app.sides.remove(this.#indexOf(button))
    if (!this.app.sides.targets.length) this.#clear()
  }

  #change(field) {
    if (!field.reportValidity()) return
    const temperature = Number.isNaN(field.valueAsNumber) ? null : field.valueAsNumber
    this.app.sides.change(this.#indexOf(field), field.type === "number" ? { temperature } : { model: field.value })
  }

  #indexOf(element) {
    return [...this.list.children].indexOf(element.closest("li"))
  }

  #refresh() {
    const { targets, isFull } = this.app.sides
    const label = targets.length ? t("Answers side by side: {count}", { count: targets.length }) : t("Answer side by side")
    this.button.title = label
    this.button.setAttribute("aria-label", label)
    setText(this.part("sides-count"), targets.length || "")
    this.part("sides-add").disabled = isFull
    this.#draw(targets)
  }

  // Drawn anew only where there are others: the focus is in one of these fields.
  #draw(targets) {
    const picture = JSON.stringify([targets.length, this.app.choice.models.map(({ id }) => id)])
    if (picture !== this.#shown) this.list.replaceChildren(...targets.map((_, at) => this.#row(at)))
    this.#shown = picture
    targets.forEach((target, at) => fill(this.list.children[at], target))
  }

  #row(at) {
    const row = fromTemplate("side-template")
    const groups = [...this.app.choice.matching()].map(([label, models]) => optgroup(label, models))
    row.querySelector("select").append(...groups)
    row.querySelector("select").setAttribute("aria-label", t("Model {number}", { number: at + 1 }))
    return row
  }
}

function fill(row, { model, temperature }) {
  row.querySelector("select").value = model
  const field = row.querySelector("input")
  if (field !== document.activeElement) field.value = temperature ?? ""
}

function optgroup(label, models) {
  const group = Object.assign(document.createElement("optgroup"), { label })
  group.append(...models.map(({ id, label: name, model }) => new Option(name || model, id)))
  return group
}
