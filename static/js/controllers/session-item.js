// One session in the sidebar: open, share, rename in place, pin, archive, export, delete (and have back).

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
    this.listen(this.part("session-share"), "click", this.share)
    this.listen(this.part("session-pin"), "click", () => this.#mark({ pinned: !this.#session.pinned }))
    this.listen(this.part("session-folder"), "click", this.file)
    this.listen(this.part("session-archive"), "click", () => this.#mark({ archived: !this.#session.archived }))
  }

  disconnect() {
    super.disconnect()
    this.element.remove()
  }

  update(session, current) {
    this.#session = session
    this.link.href = `/s/${session.id}`
    setText(this.part("session-title"), session.title || t("New chat"))
    this.link.title = session.title
    this.#describe(session)
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

  #describe({ id, owner, pinned, archived }) {
    this.element.classList.toggle("guest", owner.id !== this.app.me)
    this.#tell(id)
    setText(this.part("session-pin-label"), pinned ? t("Unpin") : t("Pin"))
    setText(this.part("session-archive-label"), archived ? t("Bring back") : t("Archive"))
    this.part("session-json").href = `/api/sessions/${id}/export/?as=json`
    this.part("session-markdown").href = `/api/sessions/${id}/export/?as=markdown`
  }

  // Whether it is answered now, or was since the reader looked.
  #tell(id) {
    const { activity } = this.app
    const state = activity.isRunning(id) ? "running" : activity.isFresh(id) ? "fresh" : ""
    this.element.dataset.activity = state
    setText(this.part("session-activity"), { running: t("is being answered"), fresh: t("has a new answer") }[state] ?? "")
  }

  #mark(marks) {
    this.app.sessions.mark(this.#session.id, marks).catch(() => {})
  }

  #onRenameKey({ key, isComposing }, field) {
    if (key === "Escape") field.value = this.#session.title
    if (key !== "Escape" && (key !== "Enter" || isComposing)) return
    field.blur()
    this.link.focus()
  }

  #renamed(field, title) {
    field.replaceWith(this.link)
    if (title && title !== this.#session.title) this.app.sessions.rename(this.#session.id, title).catch(() => this.update(this.#session))
  }
}
