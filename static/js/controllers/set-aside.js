// What lost attempts had written: folded away above the answer, still readable.

import { setText } from "#controllers/controller.js"
import { t } from "#helpers/t.js"
import { textOf } from "#models/fold.js"

export class SetAsideView {
  #count = 0

  constructor(element) {
    this.element = element
  }

  update(attempts = []) {
    if (attempts.length === this.#count) return
    this.#count = attempts.length
    this.element.hidden = !attempts.length
    setText(this.element.querySelector("summary"), t("An earlier attempt was cut off"))
    this.element.querySelector("div").textContent = attempts.map(({ parts }) => textOf(parts)).join("\n\n")
  }
}
