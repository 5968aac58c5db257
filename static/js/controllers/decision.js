// What a form on a tool call that waits for the reader does: send the decision, and say why it was not taken. A form
// gives the names of what it holds: `controls` are disabled meanwhile, `refusal` is the part that says it.

import { Controller, setText } from "#controllers/controller.js"
import { said, t } from "#helpers/t.js"

export class DecisionForm extends Controller {
  // Whoever decided by keyboard goes on from the message: what they pressed is disabled, and then gone.
  async decide(decision) {
    const pressed = document.activeElement
    if (this.element.contains(pressed)) this.element.closest(".message").focus({ preventScroll: true })
    this.#disable(true)
    this.say("")
    const command = { type: "tool.decide", run_id: this.runId, tool_call_id: this.call.id, ...decision }
    const reply = await this.app.socket.ask(command)
    if (reply.ok) return
    this.#disable(false)
    if (this.element.closest(".message") === document.activeElement) pressed.focus()
    this.say(said(reply.error) || t("That did not work. Try again."))
  }

  say(text) {
    this.refusal.hidden = !text
    setText(this.refusal, text)
  }

  // --- internal

  #disable(disabled) {
    for (const control of this.controls) control.disabled = disabled
  }
}
