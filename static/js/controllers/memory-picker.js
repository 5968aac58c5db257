// What this chat's answers are told of earlier, beside the message field: memory, and how much of the history.

import { setText } from "#controllers/controller.js"
import { MenuController } from "#controllers/menu.js"
import { t } from "#helpers/t.js"

export class MemoryPickerController extends MenuController {
  connect() {
    super.connect()
    const { memory } = this.app
    this.switch = this.part("memory-switch")
    this.listen(memory, "changed", this.#refresh)
    this.listen(memory, "refused", () => setText(this.part("memory-news"), t("That did not work. Try again.")))
    this.history = this.part("history-input")
    this.listen(this.switch, "click", this.#toggle)
    this.listen(this.history, "change", this.#limit)
    this.#refresh()
  }

  open() {
    setText(this.part("memory-news"), "")
    super.open()
    this.switch.focus()
  }

  // --- internal

  #toggle() {
    setText(this.part("memory-news"), "")
    this.app.memory.toggle()
  }

  #limit() {
    setText(this.part("memory-news"), "")
    if (this.history.reportValidity()) this.app.memory.limitHistory(this.history.valueAsNumber || null)
  }

  #refresh() {
    const { isOn, historyTokens } = this.app.memory
    const label = isOn ? t("Memory is on in this chat") : t("Memory is off in this chat")
    this.switch.setAttribute("aria-checked", isOn)
    this.element.classList.toggle("is-off", !isOn)
    this.button.title = label
    this.button.setAttribute("aria-label", label)
    this.part("history-field").hidden = historyTokens === undefined
    if (document.activeElement !== this.history) this.history.value = historyTokens ?? ""
  }
}
