// One session in the sidebar: open, share, rename in place, pin, archive, export, delete (and have back).

import { fromTemplate, setText } from "#controllers/controller.js"
import { MenuController } from "#controllers/menu.js"
import { t } from "#helpers/t.js"

export class SessionItem extends MenuController {
  #session
  #drawn = []

  constructor(app) {
    super(fromTemplate("session-template"), app)
    this.link = this.element.querySelector("a")
  }

  connect() {
    this.listen(this.element.querySelector("[data-menu-button]"), "click", this.#begin, { once: true })
  }

  disconnect() {
    super.disconnect()
    this.element.remove()
  }

  update(session, current) {
    const drawn = [session, current, this.#activity(session.id)]
    if (drawn.some((value, index) => value !== this.#drawn[index])) this.#draw(...drawn)
    this.#drawn = drawn
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

  share() {
    this.app.page.dispatchEvent(new CustomEvent("share", { detail: this.#session }))
  }

  file() {
    this.app.page.dispatchEvent(new CustomEvent("file", { detail: this.#session }))
  }

  remove() {
    this.app.deletions.remove(this.#session)
    if (this.app.router.sessionId === this.#session.id) this.app.router.go("")
    document.querySelector(".sidebar .new-chat").focus()
  }

  // --- internal

  // The menu is made when it is asked for first: there may be thousands of sessions.
  #begin() {
    this.element.append(fromTemplate("session-menu-template"))
    super.connect()
    this.listen(this.part("session-rename"), "click", this.rename)
    this.listen(this.part("session-delete"), "click", this.remove)
    this.listen(this.part("session-share"), "click", this.share)
    this.listen(this.part("session-pin"), "click", () => this.#mark({ pinned: !this.#session.pinned }))
    this.listen(this.part("session-folder"), "click", this.file)
    this.listen(this.part("session-archive"), "click", () => this.#mark({ archived: !this.#session.archived }))
    this.#describe(this.#session)
    this.open()
  }

  #draw(session, current, activity) {
    this.#session = session
    this.link.href = `/s/${session.id}`
    setText(this.part("session-title"), session.title || t("New chat"))
    this.link.title = session.title
    if (current) this.link.setAttribute("aria-current", "page")
    else this.link.removeAttribute("aria-current")
    this.element.classList.toggle("guest", session.owner.id !== this.app.me)
    this.#tell(activity)
    if (this.panel) this.#describe(session)
  }

  #describe({ id, pinned, archived }) {
    setText(this.part("session-pin-label"), pinned ? t("Unpin") : t("Pin"))
    setText(this.part("session-archive-label"), archived ? t("Bring back") : t("Archive"))
    this.part("session-json").href = `/api/sessions/${id}/export/?as=json`
    this.part("session-markdown").href = `/api/sessions/${id}/export/?as=markdown`
  }

  // Whether it is answered now, or was since the reader looked.
  #activity(id) {
    const { activity } = this.app
    return activity.isRunning(id) ? "running" : activity.isFresh(id) ? "fresh" : ""
  }

  #tell(activity) {
    this.element.dataset.activity = activity
    setText(this.part("session-activity"), { running: t("is being answered"), fresh: t("has a new answer") }[activity] ?? "")
  }

  #mark(marks) {
    this.app.sessions.mark(this.#session.id, marks).catch((error) => this.fail(error))
  }

  #onRenameKey({ key, isComposing }, field) {
    if (key === "Escape") field.value = this.#session.title
    if (key !== "Escape" && (key !== "Enter" || isComposing)) return
    field.blur()
    this.link.focus()
  }

  #renamed(field, title) {
    field.replaceWith(this.link)
    if (title && title !== this.#session.title) this.app.sessions.rename(this.#session.id, title).catch((error) => this.fail(error)) // it shows the title it has
  }
}
