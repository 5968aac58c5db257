// Switches one's own memory on and off, everywhere.

import { Section } from "#controllers/section.js"

export class MemorySettingController extends Section {
  connect() {
    this.switch = this.part("setting-switch")
    this.listen(this.switch, "click", this.toggle)
  }

  async toggle() {
    const wanted = this.switch.getAttribute("aria-checked") !== "true"
    this.#show(wanted)
    if (!(await this.told(this.app.api.updateSettings({ memory: wanted })))) this.#show(!wanted)
  }

  // --- internal

  #show(on) {
    this.switch.setAttribute("aria-checked", on)
  }
}
