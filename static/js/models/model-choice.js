// Which models there are and which one answers next: the session's own, else the last chosen, else the default.
// Dispatches `changed`.

const KEY = "model"
const LABELS = "model-labels" // as they were the last time: what is drawn before they come moves when they do

export class ModelChoice extends EventTarget {
  models = []
  #api
  #storage
  #session = null
  #labels // by id

  constructor(api, storage) {
    super()
    this.#api = api
    this.#storage = storage
    this.#labels = JSON.parse(storage.getItem(LABELS) ?? "{}")
  }

  get current() {
    const preferred = this.#storage.getItem(KEY)
    return this.find(this.#session?.model) ?? this.find(preferred) ?? this.models.find((model) => model.is_default) ?? this.models[0]
  }

  find(id) {
    return this.models.find((model) => model.id === id)
  }

  labelOf({ provider, model }) {
    const id = model?.startsWith(`${provider}/`) ? model : `${provider}/${model}`
    return this.#labels[id] ?? model
  }

  // Models whose name, id or provider holds every word, by provider.
  matching(words = "") {
    const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
    const found = this.models.filter((model) => wanted.every((word) => searchable(model).includes(word)))
    return grouped(found)
  }

  async load() {
    this.models = (await this.#api.models()).results
    this.#labels = Object.fromEntries(this.models.map(({ id, provider_label, label }) => [id, `${provider_label} ${label}`.trim()]))
    this.#storage.setItem(LABELS, JSON.stringify(this.#labels))
    this.#changed()
  }

  follow(session) {
    this.#session = session
    this.#changed()
  }

  choose(id) {
    this.#storage.setItem(KEY, id)
    if (this.#session) {
      this.#session = { ...this.#session, model: id }
      this.#api.updateSession(this.#session.id, { model: id }).catch(() => {}) // each message names its model anyway
    }
    this.#changed()
  }

  #changed() {
    this.dispatchEvent(new CustomEvent("changed"))
  }
}

function searchable({ id, label, provider_label }) {
  return `${id} ${label} ${provider_label}`.toLowerCase()
}

function grouped(models) {
  const groups = new Map()
  for (const model of models) {
    const key = model.provider_label || model.provider
    groups.set(key, [...(groups.get(key) ?? []), model])
  }
  return groups
}
