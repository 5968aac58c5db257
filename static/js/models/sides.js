// Who answers the next messages side by side: models, agents or one of them twice with other settings. Kept for this
// tab. Dispatches `changed`.

export const MOST = 4
const KEY = "sides"

export class Sides extends EventTarget {
  targets = [] // { model, temperature: number or null }
  #storage

  constructor(storage) {
    super()
    this.#storage = storage
    this.targets = JSON.parse(storage.getItem(KEY) ?? "[]")
  }

  // As a message says it; undefined where one alone answers.
  get asked() {
    return this.targets.length < 2 ? undefined : this.targets.map(asTarget)
  }

  get isFull() {
    return this.targets.length >= MOST
  }

  // `first` stands beside the one that is added where nobody was there yet.
  add(model, first = model) {
    if (this.isFull) return
    const before = this.targets.length ? this.targets : [{ model: first, temperature: null }]
    this.#set([...before, { model, temperature: null }])
  }

  change(index, changes) {
    this.#set(this.targets.with(index, { ...this.targets[index], ...changes }))
  }

  // One that is left alone is no comparison.
  remove(index) {
    const left = this.targets.toSpliced(index, 1)
    this.#set(left.length < 2 ? [] : left)
  }

  clear() {
    this.#set([])
  }

  #set(targets) {
    this.targets = targets
    this.#storage.setItem(KEY, JSON.stringify(targets))
    this.dispatchEvent(new CustomEvent("changed"))
  }
}

function asTarget({ model, temperature }) {
  return { model, ...(temperature !== null && { options: { temperature } }) }
}
