// Switches one's own memory on and off, everywhere.

import { Controller, setText } from "#controllers/controller.js"
import { said, t } from "#helpers/t.js"

export class MemorySettingController extends Controller {
  connect() {
    this.switch = this.part("setting-switch")
    this.listen(this.switch, "click", this.toggle)
  }

  async toggle() {
    const wanted = this.switch.getAttribute("aria-checked") !== "true"
    this.#show(wanted, "")
    try {
      await this.app.api.updateSettings({ memory: wanted })
    } catch (error) {
      this.#show(!wanted, said(error) || t("That did not work. Try again."))
    }
  }

  // --- internal

  #show(on, problem) {
    this.switch.setAttribute("aria-checked", on)
    setText(this.part("setting-news"), problem)
  }
}
