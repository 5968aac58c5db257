// The sidebar: beside the chat on a wide window (where it can be put away), a drawer over it on a narrow one.

import { Controller } from "#controllers/controller.js"

const NARROW = matchMedia("(max-width: 760px)")

export class DrawerController extends Controller {
  connect() {
    this.scrim = this.part("drawer-scrim")
    this.listen(this.part("drawer-open"), "click", this.open)
    this.listen(this.part("drawer-close"), "click", this.close)
    this.listen(this.scrim, "click", this.close)
    this.listen(document, "keydown", ({ key }) => key === "Escape" && NARROW.matches && this.close())
    this.listen(this.app.router, "change", () => NARROW.matches && this.close())
    this.listen(NARROW, "change", () => this.#set(!NARROW.matches))
    this.#set(!NARROW.matches)
  }

  open() {
    this.#set(true)
    this.part("drawer-close").focus()
  }

  close() {
    this.#set(false)
  }

  #set(open) {
    document.body.classList.toggle("sidebar-open", open)
    this.element.inert = !open
    this.scrim.hidden = !(open && NARROW.matches)
  }
}
