// The operator's first steps, until they are done or put away in this browser.

import { Controller } from "#controllers/controller.js"

const KEY = "first-steps"

export class FirstStepsController extends Controller {
  connect() {
    this.element.hidden = localStorage.getItem(KEY) === "away"
    this.listen(this.part("steps-close"), "click", this.#putAway)
  }

  // --- internal

  #putAway() {
    localStorage.setItem(KEY, "away")
    this.element.hidden = true
    document.querySelector("[data-composer-input]").focus()
  }
}
