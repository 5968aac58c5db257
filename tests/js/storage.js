// What a browser keeps for a page, in memory.

export class Storage {
  items = new Map()
  getItem = (key) => this.items.get(key) ?? null
  setItem = (key, value) => this.items.set(key, value)
  removeItem = (key) => this.items.delete(key)
}
