// The agents that work for a message: one lane each with its state and what it writes, open while it writes and
// folded when it is done, unless the reader says otherwise. What was written before this page looked on is fetched
// when a lane is opened.

import { fromTemplate, setText } from "#controllers/controller.js"
import { laneStateOf } from "#helpers/lane-state.js"
import { t } from "#helpers/t.js"

export class LanesView {
  #lanes = new Map() // run id → LaneView

  // `makeParts(element, sources)` gives the view of a lane's parts.
  constructor(app, makeParts) {
    this.app = app
    this.makeParts = makeParts
    this.element = fromTemplate("lanes-template")
  }

  update({ value }, growing, message) {
    const going = isGoing(message)
    for (const agent of value.agents) if (agent.run_id) this.#laneOf(agent).update(agent, going)
    this.#showProgress(value, going)
  }

  disconnect() {
    for (const lane of this.#lanes.values()) lane.disconnect()
  }

  // --- internal

  #laneOf({ run_id }) {
    if (!this.#lanes.has(run_id)) {
      const lane = new LaneView(this.app, run_id, this.makeParts)
      this.#lanes.set(run_id, lane)
      this.element.querySelector("[data-lanes-list]").append(lane.element)
    }
    return this.#lanes.get(run_id)
  }

  #showProgress({ done, total, label }, going) {
    const bar = this.element.querySelector("[data-lanes-progress]")
    bar.hidden = !total || !going
    if (total) Object.assign(bar, { max: total, value: done })
    setText(this.element.querySelector("[data-lanes-label]"), (going && label && t(label)) || t("Agents"))
    setText(this.element.querySelector("[data-lanes-count]"), total ? t("{done} of {total}", { done, total }) : "")
  }
}

class LaneView {
  #touched = false // the reader folded or opened it
  #asked = false

  constructor(app, runId, makeParts) {
    this.app = app
    this.runId = runId
    this.element = fromTemplate("lane-template")
    this.body = this.#part("body")
    this.parts = makeParts(this.#part("parts"), this.#part("sources"))
    this.element.querySelector("summary").addEventListener("click", () => (this.#touched = true))
    this.element.addEventListener("toggle", () => this.element.open && this.#draw())
  }

  update(agent, going) {
    this.agent = agent
    this.going = going
    const state = laneStateOf(agent, this.#known ?? [], going)
    this.element.dataset.state = state.name
    setText(this.#part("name"), agent.label ? t(agent.label) : agent.name)
    setText(this.#part("state"), state.label)
    if (!this.#touched || state.name === "asking") this.element.open = state.name === "running" || state.name === "asking"
    if (this.element.open) this.#draw()
  }

  disconnect() {
    this.parts.disconnect()
  }

  // --- internal

  get #known() {
    return this.app.conversation.session?.lanes.partsOf(this.runId)
  }

  get #isOver() {
    return !this.going || this.agent.state !== "running"
  }

  #part(name) {
    return this.element.querySelector(`[data-lane-${name}]`)
  }

  #draw() {
    if (!this.#known) this.#fetch()
    const atEnd = this.body.scrollHeight - this.body.scrollTop - this.body.clientHeight < 24
    const status = this.#isOver ? "complete" : "running"
    const message = { id: this.runId, run_id: this.runId, role: "assistant", status, parts: this.#known ?? [] }
    this.parts.update(message, !this.#isOver)
    if (atEnd && !this.#isOver) this.body.scrollTop = this.body.scrollHeight
  }

  async #fetch() {
    if (this.#asked || !this.#isOver) return
    this.#asked = true
    const { session } = this.app.conversation
    const message = await this.app.api.messageOf(this.runId).catch(() => null)
    this.#asked = Boolean(message) // otherwise once more when it is opened again
    if (!message) return
    session.lanes.put(this.runId, message.parts)
    this.#draw()
  }
}

const isGoing = ({ status }) => status === "queued" || status === "running"
