// A switch for each tool that answers in this chat may use.

import { setText } from "#controllers/controller.js"
import { MenuController } from "#controllers/menu.js"
import { t } from "#helpers/t.js"

export class ToolPickerController extends MenuController {
  connect() {
    super.connect()
    const { tools, socket } = this.app
    this.list = this.part("tools-list")
    this.listen(tools, "changed", this.#refresh)
    this.listen(tools, "refused", () => setText(this.part("tools-news"), t("That did not work. Try again.")))
    this.listen(socket, "open", () => tools.load().catch(() => {})) // the next reconnect asks again
    this.listen(this.list, "click", ({ target }) => this.#toggle(target.closest("[role=switch]")))
    this.#refresh()
  }

  open() {
    setText(this.part("tools-news"), "")
    super.open()
    this.list.querySelector("[role=switch]")?.focus()
  }

  // --- internal

  #toggle(item) {
    if (!item) return
    setText(this.part("tools-news"), "")
    this.app.tools.toggle(item.dataset.tool)
  }

  #refresh() {
    const { tools, count } = this.app.tools
    const label = count ? t("Tools, {count} on", { count }) : t("Tools, none on")
    this.element.hidden = !tools.length
    this.button.title = label
    this.button.setAttribute("aria-label", label)
    setText(this.part("tools-count"), count || "")
    const shown = [...this.list.children].map((item) => item.dataset.tool).join()
    if (shown !== tools.map(({ name }) => name).join()) this.list.replaceChildren(...tools.map(made))
    tools.forEach((tool, at) => this.list.children[at].setAttribute("aria-checked", this.app.tools.isOn(tool)))
  }
}

function made({ name, description, server, policy }, at) {
  const item = Object.assign(document.createElement("button"), { type: "button", className: "switch" })
  const about = [policy === "ask" ? t("Asks before it runs") : "", server, t(description.split("\n")[0])]
  const [label, small] = [document.createElement("span"), document.createElement("small")]
  label.textContent = name
  small.textContent = about.filter(Boolean).join(" · ")
  Object.assign(label, { id: `tool-name-${at}` })
  Object.assign(small, { id: `tool-about-${at}` })
  item.dataset.tool = name
  item.setAttribute("role", "switch")
  item.setAttribute("aria-labelledby", label.id)
  item.setAttribute("aria-describedby", small.id)
  item.append(label, small)
  return item
}
