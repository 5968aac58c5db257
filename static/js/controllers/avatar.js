// A person as a circle, the same wherever people are shown. Beside it stands the name, so screen readers skip it.

import { Controller, setText } from "#controllers/controller.js"
import { initials, tone } from "#helpers/person.js"

// Of { id, name }.
export function avatar(person) {
  const element = document.createElement("span")
  element.className = "avatar"
  element.setAttribute("aria-hidden", "true")
  drawAvatar(element, person)
  return element
}

export function drawAvatar(element, { id, name }) {
  element.dataset.tone = tone(id)
  setText(element, initials(name))
}

// The one of whoever looks, which the server put on the page.
export class AvatarController extends Controller {
  connect() {
    const { person, name } = this.element.dataset
    drawAvatar(this.element, { id: person, name })
  }
}
