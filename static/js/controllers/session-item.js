// One session in the sidebar: open, rename in place, delete after a question.

import { fromTemplate, setText } from "#controllers/controller.js"
import { MenuController } from "#controllers/menu.js"
import { t } from "#helpers/t.js"

export class SessionItem extends MenuController {
  #session

  constructor(app) {
    super(fromTemplate("session-template"), app)
    this.link = this.element.querySelector("a")
  }

  connect() {
    super.connect()
    this.listen(this.part("session-rename"), "click", this.rename)
    this.listen(this.part("session-delete"), "click", this.remove)
  }

  disconnect() {
    super.disconnect()
    this.element.remove()
  }

  update(session, current) {
    this.#session = session
    this.link.href = `/s/${session.id}`
    setText(this.link, session.title || t("New chat"))
    this.link.title = session.title
    if (current) this.link.setAttribute("aria-current", "page")
    else this.link.removeAttribute("aria-current")
    return this.element
  }

  rename() {
    const field = Object.assign(document.createElement("input"), { className: "rename", maxLength: 200, value: this.#session.title })
    field.setAttribute("aria-label", t("Title"))
    this.link.replaceWith(field)
    field.addEventListener("blur", () => this.#renamed(field, field.value.trim()), { once: true })
    field.addEventListener("keydown", (event) => this.#onRenameKey(event, field))
    field.select()
  }

  remove() {
    const dialog = document.getElementById("confirm-delete")
    setText(dialog.querySelector("[data-dialog-name]"), this.#session.title)
    dialog.returnValue = ""
    dialog.addEventListener("close", () => dialog.returnValue === "delete" && this.#removed(), { once: true })
    dialog.showModal()
  }

  // --- internal

  #onRenameKey({ key, isComposing }, field) {
    if (key === "Escape") field.value = this.#session.title
    if (key === "Escape" || (key === "Enter" && !isComposing)) field.blur()
  }

  #renamed(field, title) {
    field.replaceWith(this.link)
    if (title && title !== this.#session.title) this.app.sessions.rename(this.#session.id, title).catch(() => this.update(this.#session))
  }

  async #removed() {
    const { id } = this.#session
    await this.app.sessions.remove(id)
    if (this.app.router.sessionId === id) this.app.router.go("")
  }
}
