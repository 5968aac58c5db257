// A question of a workflow to the reader, with the form that answers it, and afterwards with the answer.

import { fromTemplate, setText } from "#controllers/controller.js"
import { DecisionForm } from "#controllers/decision.js"
import { questionOf } from "#helpers/question.js"

export const QUESTION = "ask_user"

export class QuestionView extends DecisionForm {
  constructor(app) {
    super(fromTemplate("question-template"), app)
    this.form = this.part("question-form")
    this.field = this.part("question-answer")
    this.refusal = this.part("question-error")
    this.listen(this.form, "submit", this.answer)
    this.listen(this.field, "keydown", this.onKey)
    this.listen(this.part("question-skip"), "click", () => this.decide({ decision: "reject" }))
  }

  get controls() {
    return this.form.elements
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
    if (answer) this.decide({ decision: "approve", arguments: { answer } })
    else this.field.focus()
  }
}
