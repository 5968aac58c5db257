// How long one's own chats are kept. What is empty is left to the server.

import { Section } from "#controllers/section.js"
import { t } from "#helpers/t.js"

export class LifetimesController extends Section {
  connect() {
    this.listen(this.element, "submit", this.save)
  }

  async save(event) {
    event.preventDefault()
    const { idle_days, total_days, end } = Object.fromEntries(new FormData(this.element))
    const wanted = { idle_days: days(idle_days), total_days: days(total_days), end: end || null }
    await this.told(this.app.api.updateLifetimes(wanted), t("Saved."))
  }
}

const days = (text) => (text === "" ? null : Number(text))
