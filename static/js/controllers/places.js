// The places of a prompt that was put into the field: the first one is selected, Tab goes on to the next. Behind the last
// one Tab leaves the field, as ever.

import { placeAfter } from "#helpers/places.js"

export class Places {
  #field
  #isFilling = false

  constructor(field) {
    this.#field = field
    field.addEventListener("keydown", (event) => this.#onKey(event))
  }

  begin() {
    this.#field.focus()
    this.#select(0)
  }

  // --- internal

  #onKey(event) {
    if (!this.#isFilling || event.key !== "Tab" || event.shiftKey || event.defaultPrevented) return
    this.#select(this.#field.selectionEnd)
    if (this.#isFilling) event.preventDefault()
  }

  #select(position) {
    const place = placeAfter(this.#field.value, position)
    this.#isFilling = Boolean(place)
    if (place) this.#field.setSelectionRange(...place)
  }
}
