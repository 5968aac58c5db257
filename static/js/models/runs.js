// The runs of a session: which one goes on, and how long each has been quiet by the clock of this page.

const GOING = new Set(["queued", "running", "waiting"])

export const isGoing = ({ status }) => GOING.has(status)

export class Runs {
  #runs = new Map()
  #heard = new Map() // run id → local time of its last event

  constructor(runs = []) {
    runs.forEach((run) => this.put(run))
  }

  get active() {
    return [...this.#runs.values()].findLast(isGoing)
  }

  get(id) {
    return this.#runs.get(id)
  }

  put(run) {
    this.#runs.set(run.id, run)
    this.hear(run.id)
  }

  hear(id) {
    this.#heard.set(id, Date.now())
  }

  quietFor(id, now = Date.now()) {
    return now - (this.#heard.get(id) ?? now)
  }
}
