// The question whether a tool call may run: approve it, edit its arguments first, or reject it. What was decided
// comes back as an event and takes the form away, here and in every other tab.

import { fromTemplate, setText } from "#controllers/controller.js"
import { DecisionForm } from "#controllers/decision.js"
import { laidOut } from "#helpers/json-text.js"
import { t } from "#helpers/t.js"

export class ApprovalForm extends DecisionForm {
  constructor(app, call, message) {
    super(fromTemplate("approval-template"), app)
    this.call = call
    this.runId = message.run_id
  }

  connect() {
    this.field = this.part("approval-arguments")
    this.refusal = this.part("approval-error")
    this.controls = ["approve", "reject", "edit"].map((name) => this.part(`approval-${name}`))
    this.field.value = laidOut(this.call.arguments || "{}")
    setText(this.part("approval-question"), t("May the tool {name} run with these arguments?", { name: this.call.name }))
    this.listen(this.element, "submit", this.approve)
    this.listen(this.part("approval-reject"), "click", () => this.decide({ decision: "reject" }))
    this.listen(this.part("approval-edit"), "click", this.edit)
    this.field.rows = Math.min(12, this.field.value.split("\n").length)
  }

  disconnect() {
    super.disconnect()
    this.element.remove()
  }

  edit() {
    this.field.readOnly = !this.field.readOnly
    this.part("approval-edit").setAttribute("aria-pressed", String(!this.field.readOnly))
    if (!this.field.readOnly) this.field.focus()
  }

  approve(event) {
    event.preventDefault()
    const edited = this.#edited()
    if (edited !== undefined) this.decide({ decision: "approve", ...(edited && { arguments: edited }) })
  }

  // --- internal

  // The reader's own arguments, null where they are the model's, undefined where they are no JSON object.
  #edited() {
    if (this.field.value === laidOut(this.call.arguments || "{}")) return null
    try {
      const value = JSON.parse(this.field.value)
      if (value && typeof value === "object" && !Array.isArray(value)) return value
    } catch {
      // told below, as for every other value
    }
    this.say(t("The arguments are not a JSON object."))
    return undefined
  }
}
