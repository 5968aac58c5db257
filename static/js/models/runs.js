// The runs of a session: which go on, and how long each has been quiet by the clock of this page.

const GOING = new Set(["queued", "running", "waiting"])

export const isGoing = ({ status }) => GOING.has(status)

const isNews = ({ type, label }) => type === "retry" || type === "fallback" || (type === "progress" && label === "queue")

export class Runs {
  #runs = new Map()
  #heard = new Map() // run id → local time of its last event
  #news = new Map() // run id → its last word on the way to an answer: queue, retry or fallback

  constructor(runs = []) {
    runs.forEach((run) => this.put(run))
    runs.forEach(({ id, news }) => news && isNews(news) && this.#news.set(id, news))
  }

  get active() {
    return [...this.#runs.values()].filter((run) => isGoing(run) && !run.parent_id)
  }

  get(id) {
    return this.#runs.get(id)
  }

  // The run whose message is in the session: agents work for it, or for one that does.
  rootOf(run) {
    const parent = run.parent_id && this.get(run.parent_id)
    return parent ? this.rootOf(parent) : run
  }

  // What ended stays ended: the reply to a stop may come after the event that ended the run.
  put(run) {
    const known = this.#runs.get(run.id)
    if (known && !isGoing(known) && isGoing(run)) return
    this.#runs.set(run.id, run)
    this.hear(run.id)
  }

  hear(id) {
    this.#heard.set(id, Date.now())
  }

  // An event of a run's stream. What it says of the way to an answer holds until the answer comes.
  note(frame) {
    this.hear(frame.run_id)
    if (isNews(frame)) this.#news.set(frame.run_id, frame)
    else this.#news.delete(frame.run_id)
  }

  newsOf(id) {
    return this.#news.get(id)
  }

  quietFor(id, now = Date.now()) {
    return now - (this.#heard.get(id) ?? now)
  }
}
