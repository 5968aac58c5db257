// The first things one could ask, while there is nothing yet.

import { Controller } from "#controllers/controller.js"

export class StartersController extends Controller {
  connect() {
    this.element.hidden = false // the sheet shows it only where the transcript is blank
    this.listen(this.app.router, "change", this.#refresh)
    this.#refresh()
    this.listen(this.element, "click", ({ target }) => {
      const text = target.closest("[data-starter]")?.textContent
      if (text) this.app.page.dispatchEvent(new CustomEvent("starter", { detail: text }))
    })
  }

  // --- internal

  #refresh() {
    this.element.classList.toggle("comparing", location.pathname === "/compare")
  }
}
