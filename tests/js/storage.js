// What a browser keeps for a page, in memory.

export class Storage {
  items = new Map()
  key = (at) => [...this.items.keys()][at] ?? null
  getItem = (key) => this.items.get(key) ?? null
  setItem = (key, value) => this.items.set(key, value)
  removeItem = (key) => this.items.delete(key)

  get length() {
    return this.items.size
  }
}
