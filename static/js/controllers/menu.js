// A button that opens a panel: closed by Escape, a choice, or when the reader goes on elsewhere. The focus comes back to
// the button before a choice is carried out, so that a dialog which that opens gives it back there.

import { Controller } from "#controllers/controller.js"

export class MenuController extends Controller {
  connect() {
    this.button = this.element.querySelector("[data-menu-button]")
    this.panel = this.element.querySelector("[data-menu-panel]")
    this.listen(this.button, "click", () => (this.panel.hidden ? this.open() : this.close()))
    this.listen(document, "pointerdown", ({ target }) => this.element.contains(target) || this.close())
    this.listen(this.element, "keydown", this.#onKey)
    this.listen(this.element, "focusout", ({ relatedTarget }) => relatedTarget && !this.element.contains(relatedTarget) && this.close())
    this.listen(this.panel, "click", ({ target }) => target.closest(".menu-item, .option") && this.#leave(), { capture: true })
  }

  open() {
    this.panel.hidden = false
    this.button.setAttribute("aria-expanded", "true")
    this.element.classList.add("open")
  }

  close() {
    if (this.panel.hidden) return
    this.panel.hidden = true
    this.button.setAttribute("aria-expanded", "false")
    this.element.classList.remove("open")
  }

  // --- internal

  #onKey(event) {
    if (event.key === "Escape" && !this.panel.hidden) {
      event.stopPropagation()
      this.#leave()
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") this.#move(event, event.key === "ArrowDown" ? 1 : -1)
  }

  #leave() {
    this.button.focus()
    this.close()
  }

  #move(event, step) {
    const items = [...this.panel.querySelectorAll("button, a, input")].filter((item) => item.checkVisibility() && !item.disabled)
    if (!items.length || this.panel.hidden) return
    event.preventDefault()
    const at = items.indexOf(document.activeElement)
    items[(at + step + items.length) % items.length].focus()
  }
}
