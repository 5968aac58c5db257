// What the sections of the settings page share: they say how a change went, and ask before what cannot be undone.

import { Controller, setText } from "#controllers/controller.js"
import { said, t } from "#helpers/t.js"

export class Section extends Controller {
  // Resolves with the answer, true where it is empty; undefined, where what went wrong was said.
  async told(asked, words = "") {
    try {
      const answer = (await asked) ?? true
      this.say(words)
      return answer
    } catch (error) {
      this.say(said(error) || t("That did not work. Try again."))
    }
  }

  say(words) {
    setText(this.element.querySelector("[data-section-news]"), words)
  }

  // Calls `action` where the person agrees in the dialog (templates/chat/_confirm.html).
  confirm(action) {
    const dialog = this.element.querySelector("dialog")
    dialog.returnValue = ""
    dialog.addEventListener("close", () => dialog.returnValue === "yes" && action.call(this), { once: true })
    dialog.showModal()
  }
}
