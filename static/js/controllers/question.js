// A question of a workflow to the reader, with the form that answers it, and afterwards with the answer.

import { Controller, fromTemplate, setText } from "#controllers/controller.js"
import { said, t } from "#helpers/t.js"
import { questionOf } from "#helpers/question.js"

export const QUESTION = "ask_user"

export class QuestionView extends Controller {
  constructor(app) {
    super(fromTemplate("question-template"), app)
    this.form = this.part("question-form")
    this.field = this.part("question-answer")
    this.listen(this.form, "submit", this.answer)
    this.listen(this.field, "keydown", this.onKey)
    this.listen(this.part("question-skip"), "click", () => this.#decide({ decision: "reject" }))
  }

  update(call, growing, message) {
    this.call = call
    this.runId = message.run_id
    const result = message.parts.find(({ type, id }) => type === "tool-result" && id === call.id)
    const going = message.status === "queued" || message.status === "running"
    const { question, given } = questionOf(call, result)
    this.element.dataset.state = given === null ? "asking" : "done"
    setText(this.part("question-text"), question)
    this.form.hidden = given !== null || !going || call.approval !== "requested"
    this.part("question-given").hidden = !given
    setText(this.part("question-given"), given || "")
    this.part("question-none").hidden = given !== "" && (given !== null || going)
  }

  onKey(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return
    event.preventDefault()
    this.form.requestSubmit()
  }

  answer(event) {
    event.preventDefault()
    const answer = this.field.value.trim()
    if (answer) this.#decide({ decision: "approve", arguments: { answer } })
    else this.field.focus()
  }

  // --- internal

  async #decide(decision) {
    this.#disable(true)
    this.#say("")
    const command = { type: "tool.decide", run_id: this.runId, tool_call_id: this.call.id, ...decision }
    const reply = await this.app.socket.ask(command)
    if (reply.ok) return
    this.#disable(false)
    this.#say(said(reply.error) || t("That did not work. Try again."))
  }

  #disable(disabled) {
    for (const control of this.form.elements) control.disabled = disabled
  }

  #say(text) {
    this.part("question-error").hidden = !text
    setText(this.part("question-error"), text)
  }
}
