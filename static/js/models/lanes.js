// What agents write for a message, each in a run of its own: run id → parts. Of a run whose beginning was not seen
// here nothing is known, and its message is asked for when somebody wants to read it.

import { fold } from "#models/fold.js"

export class Lanes {
  #parts = new Map()

  constructor(runs = []) {
    for (const { id, parent_id, parts } of runs) if (parent_id && parts) this.#parts.set(id, parts)
  }

  // undefined where nothing is known.
  partsOf(runId) {
    return this.#parts.get(runId)
  }

  apply(frame) {
    const parts = frame.seq === 1 ? [] : this.#parts.get(frame.run_id)
    if (parts) this.#parts.set(frame.run_id, fold(parts, frame))
  }

  // The whole, of a run that is over.
  put(runId, parts) {
    this.#parts.set(runId, parts)
  }
}
