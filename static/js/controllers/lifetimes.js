// How long one's own chats are kept. What is empty is left to the server.

import { Controller, setText } from "#controllers/controller.js"
import { said, t } from "#helpers/t.js"

export class LifetimesController extends Controller {
  connect() {
    this.listen(this.element, "submit", this.save)
  }

  async save(event) {
    event.preventDefault()
    const { idle_days, total_days, end } = Object.fromEntries(new FormData(this.element))
    try {
      await this.app.api.updateLifetimes({ idle_days: days(idle_days), total_days: days(total_days), end: end || null })
      this.#say(t("Saved."))
    } catch (error) {
      this.#say(said(error) || t("That did not work. Try again."))
    }
  }

  // --- internal

  #say(words) {
    setText(this.part("lifetimes-news"), words)
  }
}

const days = (text) => (text === "" ? null : Number(text))
