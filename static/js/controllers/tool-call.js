// A tool call: its name and state, folded below them its arguments as they grow and what came of it.

import { ApprovalForm } from "#controllers/approval.js"
import { fromTemplate, setText } from "#controllers/controller.js"
import { laidOut } from "#helpers/json-text.js"
import { said } from "#helpers/t.js"
import { toolStateOf } from "#helpers/tool-state.js"

export class ToolCallView {
  #approval = null

  constructor(app) {
    this.app = app
    this.element = fromTemplate("tool-template")
  }

  update(call, growing, message) {
    const result = message.parts.find(({ type, id }) => type === "tool-result" && id === call.id)
    const going = message.status === "queued" || message.status === "running"
    const state = toolStateOf(call, result, going)
    this.element.dataset.state = state.name
    setText(this.#part("name"), call.name)
    setText(this.#part("state"), state.label)
    setText(this.#part("arguments"), laidOut(call.arguments || "{}"))
    this.#showOutput(result)
    this.#showError(result?.error ? said({ message: result.error }) : call.error)
    this.#showApproval(state.name === "asking", call, message)
  }

  disconnect() {
    this.#approval?.disconnect()
  }

  // --- internal

  #part(name) {
    return this.element.querySelector(`[data-tool-${name}]`)
  }

  #showOutput(result) {
    const shown = Boolean(result && !result.code && !result.error)
    this.#part("output-title").hidden = this.#part("output").hidden = !shown
    if (shown) setText(this.#part("output"), asText(result.output))
  }

  #showError(text) {
    this.#part("error").hidden = !text
    setText(this.#part("error"), text || "")
  }

  #showApproval(wanted, call, message) {
    if (wanted && !this.#approval) {
      this.#approval = new ApprovalForm(this.app, call, message)
      this.#approval.connect()
      this.element.append(this.#approval.element)
    }
    if (!wanted && this.#approval) {
      this.#approval.disconnect()
      this.#approval = null
    }
  }
}

function asText(output) {
  return typeof output === "string" ? output : JSON.stringify(output ?? null, null, 2)
}
