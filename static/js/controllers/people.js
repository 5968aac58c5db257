// Who else is in the shown session just now, and who writes. Says so to the others while the reader writes.

import { drawAvatar } from "#controllers/avatar.js"
import { Controller, setText } from "#controllers/controller.js"
import { t } from "#helpers/t.js"

const MOST = 4 // faces; the rest is a number
const AGAIN = 3_000 // ms between two words that somebody writes

export class PeopleController extends Controller {
  #said = 0

  connect() {
    const { conversation } = this.app
    this.faces = this.part("people-faces")
    this.listen(conversation, "opened changed people", this.#draw)
    this.listen(document.querySelector("[data-composer-input]"), "input", this.#onInput)
    this.#draw()
  }

  // --- internal

  get #others() {
    return this.app.conversation.session?.people.filter(({ id }) => id !== this.app.me) ?? []
  }

  #onInput({ target }) {
    const { session } = this.app.conversation
    if (!target.value || !this.#others.length || Date.now() - this.#said < AGAIN) return
    this.#said = Date.now()
    this.app.socket.tell({ type: "typing", session_id: session.id })
  }

  #draw() {
    const others = this.#others
    const faces = others.slice(0, MOST).map(face)
    if (others.length > MOST) faces.push(more(others.length - MOST))
    this.faces.replaceChildren(...faces)
    this.element.hidden = !others.length
    const writing = others.filter(({ typing }) => typing).map(({ name }) => name)
    setText(document.querySelector("[data-typing]"), words(writing))
  }
}

function words(names) {
  if (!names.length) return ""
  return names.length === 1 ? t("{name} is writing…", { name: names[0] }) : t("{names} are writing…", { names: names.join(", ") })
}

function face(person) {
  const { name } = person
  const element = document.createElement("li")
  element.className = "avatar"
  element.title = name
  element.setAttribute("aria-label", t("{name} is here", { name }))
  drawAvatar(element, person)
  return element
}

function more(count) {
  const element = document.createElement("li")
  element.className = "avatar more-faces"
  setText(element, `+${count}`)
  return element
}
